// What UXP has and its published types have not.

import "uxp";

declare module "uxp" {
  namespace storage {
    const secureStorage: {
      getItem(key: string): Promise<Uint8Array | null>;
      setItem(key: string, value: string | ArrayBuffer | Uint8Array): Promise<void>;
      removeItem(key: string): Promise<void>;
    };
  }
}

declare global {
  function setTimeout(action: () => void, milliseconds: number): number;
  function fetch(
    input: string,
    init: { method: string; headers: Record<string, string>; body: Uint8Array },
  ): Promise<Response>;
}
