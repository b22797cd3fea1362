import { describe, expect, test } from "vitest";
import type { ModelChoice } from "../backend";
import { fakeSettings } from "../backend/fake";
import { effectiveChoice, effectiveModel, findModel, joinModel, modelLabel, providerOf, splitModel, variantOf } from "./choice";

const model = (id: string, more: Partial<ModelChoice> = {}): ModelChoice => ({ id, name: id.toUpperCase(), provider: "P", scripted: false, context: 0, variants: [], tools: true, images: null, ...more });
const models = [model("p/a", { variants: ["low", "high"] }), model("p/odd#1"), model("q/org/b"), model("scripted/demo", { scripted: true })];
const from = (defaultModel: string | null) => ({ models, agents: [], settings: { ...fakeSettings, defaultModel } });

describe("a model with a variant", () => {
  test("is one string, taken apart at its last sign", () => {
    expect(splitModel("p/a#high")).toEqual({ model: "p/a", variant: "high" });
    expect(splitModel("p/a")).toEqual({ model: "p/a", variant: null });
    expect(splitModel("p/odd#1#high")).toEqual({ model: "p/odd#1", variant: "high" });
    expect(splitModel("p/a#")).toEqual({ model: "p/a", variant: null });
    expect(joinModel("p/a", "high")).toBe("p/a#high");
    expect(joinModel("p/a", null)).toBe("p/a");
    expect(providerOf("q/org/b#low")).toBe("q");
  });

  test("is found by what stands before the sign, unless the sign is its own", () => {
    expect(findModel(models, "p/a#high")?.id).toBe("p/a");
    expect(findModel(models, "p/odd#1")?.id).toBe("p/odd#1");
    expect(variantOf(models, "p/odd#1")).toBeNull();
    expect(variantOf(models, "p/odd#1#low")).toBe("low");
    expect(findModel(models, "gone/x#high")).toBeUndefined();
    expect(findModel(models, null)).toBeUndefined();
  });

  test("goes to the engine as it was chosen", () => {
    expect(effectiveChoice(from(null), "p/a#high")).toBe("p/a#high");
    expect(effectiveChoice(from("p/a#low"), null)).toBe("p/a#low");
    expect(effectiveModel(from("p/a#low"), null)?.id).toBe("p/a");
  });

  test("carries its variant in its name", () => {
    expect(modelLabel(models, "p/a#high")).toBe("P/A · high");
    expect(modelLabel(models, "p/a")).toBe("P/A");
    expect(modelLabel(models, "gone/x#high")).toBe("gone/x#high");
    expect(modelLabel(models, null)).toBeUndefined();
  });
});

describe("what a prompt goes to", () => {
  test("is the scripted model when nothing else is there", () => {
    expect(effectiveChoice(from("gone/x"), null)).toBe("scripted/demo");
    expect(effectiveChoice(from(null), null)).toBe("scripted/demo");
  });

  test("is nothing when what was chosen is not there: nobody is moved to another model unasked", () => {
    expect(effectiveChoice(from("p/a"), "gone/x#high")).toBeUndefined();
    expect(effectiveModel(from("p/a"), "gone/x#high")).toBeUndefined();
  });
});
