import { render } from "solid-js/web";
import "../design/index.css";
import { rememberedLanguage, speak } from "../strings/language";
import { createAccount } from "./account";
import { CloudApp } from "./CloudApp";
import { createHttp } from "./http";
import { followKeyboard } from "./keyboard";

const place = document.getElementById("app");
if (!place) throw new Error("the page has no place for the app");

followKeyboard();
const account = createAccount(createHttp());
// The first words are those of the language, where its file comes as fast as the first answer.
void Promise.all([speak(rememberedLanguage()), account.begin()]);
render(() => <CloudApp account={account} />, place);
