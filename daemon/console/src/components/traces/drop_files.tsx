import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** Takes files that are dropped anywhere on the page. */
export function DropFiles({ take }: { take: (files: readonly File[]) => void }) {
  const over = useSignal(false);
  const taking = useRef(take);
  taking.current = take;
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const onDrag = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      over.value = true;
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) over.value = false;
    };
    const onDrop = (event: DragEvent) => {
      over.value = false;
      if (!hasFiles(event)) return;
      event.preventDefault();
      taking.current([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener("dragover", onDrag);
    addEventListener("dragleave", onLeave);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("dragover", onDrag);
      removeEventListener("dragleave", onLeave);
      removeEventListener("drop", onDrop);
    };
  }, [over]);
  return over.value ? <div class="drop-here">Drop to import these traces</div> : null;
}
