import { useEffect } from "preact/hooks";
import { visibleLine } from "../model/visible_text";

export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${visibleLine(title, 80)} · xrayd`;
  }, [title]);
}
