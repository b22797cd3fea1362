import { createRoot } from "solid-js";
import { expect, it } from "vitest";
import { stickToEnd } from "./stick";

/** A scrolling place of 100 pixels, to begin with, that is told how high its content is. */
function scrolling(height: number) {
  const place = document.createElement("div");
  const content = document.createElement("div");
  const state = { height, top: 0, room: 100 };
  Object.defineProperties(place, {
    clientHeight: { get: () => state.room },
    scrollHeight: { get: () => state.height },
    scrollTop: {
      get: () => state.top,
      set(top: number) {
        state.top = Math.max(0, Math.min(top, state.height - state.room));
      },
    },
  });
  place.append(content);
  document.body.append(place);
  return { place, content, state };
}

const frames = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

async function followed(act: (place: HTMLElement, state: { height: number; top: number; room: number }, stick: ReturnType<typeof stickToEnd>) => void): Promise<{ height: number; top: number }> {
  const { place, content, state } = scrolling(1000);
  const stick = createRoot((dispose) => ({ dispose, ...stickToEnd(() => place, () => content, () => true) }));
  await frames();
  stick.toEnd();
  place.dispatchEvent(new Event("scroll"));
  act(place, state, stick);
  await frames();
  stick.dispose();
  place.remove();
  return state;
}

it("reaches the end also where being scrolled made the content higher and nothing was told of it", async () => {
  const { top } = await followed((_, state) => {
    state.height += 12;
  });
  expect(top).toBe(912);
});

it("leaves a person who scrolled up a little where they are", async () => {
  const { top } = await followed((place) => {
    place.scrollTop -= 10;
    place.dispatchEvent(new Event("scroll"));
  });
  expect(top).toBe(890);
});

it("follows on where what was let go of above moved the place while the end grew", async () => {
  const { top } = await followed((place, state, stick) => {
    stick.shortened();
    state.height = 600;
    place.scrollTop = 500;
    state.height = 700;
    place.dispatchEvent(new Event("scroll"));
    expect(stick.atEnd()).toBe(true);
    stick.toEnd();
  });
  expect(top).toBe(600);
});

it("is left by a person who scrolls up further", async () => {
  await followed((place, _, stick) => {
    place.scrollTop -= 200;
    place.dispatchEvent(new Event("scroll"));
    expect(stick.atEnd()).toBe(false);
  });
});

it("takes back no step of whoever scrolls up in the frame after it was put at the end", async () => {
  const { top } = await followed((place) => {
    place.scrollTop -= 240;
  });
  expect(top).toBe(660);
});

it("follows on where the composer below gave room back while the end grew", async () => {
  const { top } = await followed((place, state) => {
    state.room = 160;
    place.scrollTop = state.top;
    state.height = 1300;
    place.dispatchEvent(new Event("scroll"));
  });
  expect(top).toBe(1140);
});

it("follows on where it was put at the end of what became shorter, and more had grown when it was told of that", async () => {
  await followed((place, state, stick) => {
    state.room = 340;
    state.height = 992;
    stick.toEnd();
    state.height = 2_200;
    place.dispatchEvent(new Event("scroll"));
    expect(stick.atEnd()).toBe(true);
  });
});
