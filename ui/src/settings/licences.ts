/** A part by others that ships with the app. */
export interface Licence {
  name: string;
  version: string;
  /** Its licence as its package names it. */
  licence: string;
  /** Where the texts stand that its package brings. */
  texts: number[];
}

/** All of them, with each text once. */
export interface LicenceList {
  parts: Licence[];
  texts: string[];
}
