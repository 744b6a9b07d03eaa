/** Hands the browser a text as a file to keep. */
export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/x-ndjson" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Browsers have it by the next turn.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
