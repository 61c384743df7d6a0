declare global {
  namespace App {
    interface PageState {
      /** Set while a dialog that Back should close is open. */
      dialog?: string;
    }
  }
}

export {};
