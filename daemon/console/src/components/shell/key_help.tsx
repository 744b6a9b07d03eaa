import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

interface Section {
  readonly title: string;
  readonly keys: readonly (readonly [keys: readonly string[], meaning: string])[];
}

const SECTIONS: readonly Section[] = [
  {
    title: "Everywhere",
    keys: [
      [["/"], "to the search or filter"],
      [["g", "m"], "service map"],
      [["g", "t"], "traces"],
      [["g", "s"], "sampling"],
      [["?"], "these keys"],
    ],
  },
  {
    title: "Service map",
    keys: [
      [["←", "↑", "↓", "→"], "from service to service"],
      [["Enter"], "figures of the service"],
      [["Esc"], "close them"],
      [["+", "−"], "zoom"],
      [["0"], "show all"],
      [["Shift", "←"], "move the map"],
    ],
  },
  {
    title: "Trace",
    keys: [
      [["↑", "↓"], "from line to line"],
      [["←", "→"], "close and open a line"],
      [["Home", "End"], "first and last line"],
      [["Enter"], "in the search: next line found"],
    ],
  },
];

export const isKeyHelpOpen = signal(false);

/** What the keyboard can do. */
export function KeyHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isKeyHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  const close = () => {
    isKeyHelpOpen.value = false;
  };
  return (
    <dialog
      ref={dialog}
      class="key-help"
      aria-labelledby="key-help-title"
      onClose={close}
      onClick={(event) => {
        // The dialog itself is hit beside its content only.
        if (event.target === event.currentTarget) close();
      }}
    >
      <div class="key-help-content">
        <header>
          <h2 id="key-help-title">Keys</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={close}>
            <svg viewBox="0 0 16 16" width="16" height="16" class="icon" aria-hidden="true">
              <path d="M4 4l8 8M12 4l-8 8" />
            </svg>
          </button>
        </header>
        {SECTIONS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([names, meaning]) => (
                <div key={meaning}>
                  <dt>
                    {names.map((name) => (
                      <kbd key={name}>{name}</kbd>
                    ))}
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}
