/*
 * German.
 *
 * Words, each with one meaning throughout:
 *   thread = Unterhaltung        folder = Ordner              throw-away folder = Wegwerfordner
 *   prompt = Eingabe             turn = Runde                 answer = Antwort
 *   ask, request = Nachfrage     permission = Erlaubnis       rule = Regel
 *   agent = Agent                sub-agent = Unteragent       tool = Werkzeug
 *   provider = Anbieter          model = Modell               key = Schlüssel
 *   engine = Engine              box = Box                    command = Befehl
 *   review = Durchsicht          change = Änderung            draft = Entwurf
 *   keychain = Schlüsselbund     sign-in = Anmeldung          search index = Suchindex
 *   health = Zustand             storage = Speicher           usage = Verbrauch
 *   news = Meldungen             report = Bericht             tag = Schlagwort
 *   pairing = Kopplung           server = Server              from afar = aus der Ferne
 *   settings = Einstellungen     saved search = gespeicherte Suche
 *
 * Tone: short and calm. Nobody is addressed with "du" or "Sie": what can be done stands in the infinitive
 * ("Ordner wählen"), what is the case as a sentence. Names of products and files stay as they are.
 */
import type { Messages } from "../messages";
import { asks } from "./de/asks";
import { cloud } from "./de/cloud";
import { composer } from "./de/composer";
import { conversation } from "./de/conversation";
import { health } from "./de/health";
import { later } from "./de/later";
import { pages } from "./de/pages";
import { pairing } from "./de/pairing";
import { providers } from "./de/providers";
import { settings } from "./de/settings";
import { review } from "./de/review";
import { setup } from "./de/setup";
import { shell } from "./de/shell";
import { tools } from "./de/tools";

export const texts: Messages = { ...review, ...shell, ...pages, ...pairing, ...providers, ...conversation, ...composer, ...tools, ...later, ...asks, ...settings, ...health, ...cloud, ...setup };
