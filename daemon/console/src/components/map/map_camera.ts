// Moves the map under the reader's hand: wheel, drag, pinch and keys. One transform on one group
// changes; nothing is laid out or drawn anew.
import { signal } from "@preact/signals";
import { detailAt, nameSizeAt, type Detail } from "../../model/map/map_detail";
import { NAME_SIZE, type Point, type Size } from "../../model/map/map_geometry";
import {
  between,
  homeView,
  keptInSight,
  LEGIBLE,
  nearView,
  NO_INSETS,
  revealed,
  zoomed,
  type Insets,
  type Scene,
  type View,
} from "../../model/map/map_view";
import { prefersReducedMotion } from "../../stores/reduced_motion";

const ANIMATION_MS = 240;
/** Pixels that a pointer may tremble in a click. */
const CLICK_SLACK = 4;
const SETTLE_MS = 180;
const WHEEL_LINE = 16;
const LIFTED_BELOW = 0.4;
/** The labels of more nodes wait until the map is at rest: they take longer than a frame. */
const MOST_RELABELLED = 120;
/** What the buttons on the map take, with some air. */
const CORNER_GAP = 20;
const NOTHING: Scene = { bounds: { x: 0, y: 0, width: 1, height: 1 }, boxes: [], focus: undefined };

export class MapCamera {
  readonly detail = signal<Detail>("full");
  /** Of the nodes' names, in the map's own pixels. */
  readonly nameSize = signal(NAME_SIZE);
  /** Per cent, for people. */
  readonly percent = signal(100);
  /** Whether the reader has chosen what is in sight. */
  private chosen = false;

  private view: View = { x: 0, y: 0, scale: 1 };
  private frame: HTMLElement | undefined;
  private world: SVGGElement | undefined;
  private size: Size = { width: 1, height: 1 };
  private scene = NOTHING;
  /** Where a movement that goes on will end. */
  private target: View | undefined;
  private insets: Insets = NO_INSETS;
  private drawnScale = 0;
  private jumped = false;
  private frameRequest = 0;
  private animation = 0;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private readonly pointers = new Map<number, Point>();
  private dragged = false;

  /** Begins to listen; the answer ends it. */
  attach(frame: HTMLElement, world: SVGGElement): () => void {
    this.frame = frame;
    this.world = world;
    const ended = new AbortController();
    const { signal } = ended;
    frame.addEventListener("wheel", (event) => this.onWheel(event), { passive: false, signal });
    frame.addEventListener("pointerdown", (event) => this.onPointerDown(event), { signal });
    frame.addEventListener("pointermove", (event) => this.onPointerMove(event), { signal });
    for (const name of ["pointerup", "pointercancel"] as const) {
      frame.addEventListener(name, (event) => this.onPointerUp(event), { signal });
    }
    // What ends a drag is no click on the node below it.
    frame.addEventListener(
      "click",
      (event) => {
        if (!this.dragged) return;
        event.preventDefault();
        event.stopPropagation();
        this.dragged = false;
      },
      { capture: true, signal },
    );
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(frame);
    this.measure();
    return () => {
      ended.abort();
      observer.disconnect();
      cancelAnimationFrame(this.frameRequest);
      cancelAnimationFrame(this.animation);
      clearTimeout(this.settling);
    };
  }

  /** Another map, or the same one after a change. */
  show(scene: Scene, insets: Insets, isAnother: boolean): void {
    this.scene = scene;
    this.insets = insets;
    if (isAnother) this.chosen = false;
    if (!this.chosen) this.goTo(this.home(), !isAnother);
  }

  /** What the panel is about has changed: it is moved into sight, and to a legible size. */
  showFocus(): void {
    const { focus } = this.scene;
    if (!focus || !this.chosen) return;
    this.goTo(nearView(this.scene, this.size, this.insets, this.destination()), true);
  }

  /** Whether the reader has the map in his hand. */
  get isHeld(): boolean {
    return this.pointers.size > 0 || this.target !== undefined;
  }

  fit(): void {
    this.chosen = false;
    this.goTo(this.home(), true);
  }

  zoomBy(factor: number): void {
    this.chosen = true;
    const middle = {
      x: (this.size.width + this.insets.left - this.insets.right) / 2,
      y: (this.size.height - this.insets.bottom) / 2,
    };
    this.goTo(zoomed(this.destination(), middle, factor), true);
  }

  panBy(x: number, y: number): void {
    this.chosen = true;
    const view = this.destination();
    this.goTo({ ...view, x: view.x + x, y: view.y + y }, true);
  }

  /** Moves a node into sight, and to a size at which it can be read where it is too small for that. */
  reveal(point: Point): void {
    const now = this.destination();
    const at = { x: point.x * now.scale + now.x, y: point.y * now.scale + now.y };
    const legible = this.detail.value === "shapes" ? zoomed(now, at, LEGIBLE / now.scale) : now;
    const shown = revealed(legible, point, this.size, this.insets);
    if (shown.x === now.x && shown.y === now.y && shown.scale === now.scale) return;
    this.chosen = true;
    this.goTo(shown, true);
  }

  private home(): View {
    const controls = this.frame?.querySelector<HTMLElement>("[data-map-control]");
    const corner = {
      width: (controls?.offsetWidth ?? 0) + CORNER_GAP,
      height: (controls?.offsetHeight ?? 0) + CORNER_GAP,
    };
    return homeView(this.scene, this.size, this.insets, corner);
  }

  private destination(): View {
    return this.target ?? this.view;
  }

  private measure(): void {
    if (!this.frame) return;
    const before = this.size;
    this.size = { width: this.frame.clientWidth, height: this.frame.clientHeight };
    if (before.width === this.size.width && before.height === this.size.height) return;
    if (!this.chosen) this.goTo(this.home(), false);
  }

  private goTo(target: View, animated: boolean): void {
    const end = keptInSight(target, this.scene.bounds, this.size);
    if (isSame(end, this.destination())) return;
    this.stop();
    if (!animated || prefersReducedMotion() || document.hidden) {
      this.jumped = true;
      this.set(end);
      return;
    }
    this.target = end;
    const start = this.view;
    const began = performance.now();
    const step = (now: number) => {
      const passed = Math.min(1, Math.max(0, (now - began) / ANIMATION_MS));
      // Fast first, then gently to its place.
      this.set(passed === 1 ? end : between(start, end, 1 - (1 - passed) ** 3));
      if (passed < 1) this.animation = requestAnimationFrame(step);
      else this.target = undefined;
    };
    this.animation = requestAnimationFrame(step);
  }

  private stop(): void {
    cancelAnimationFrame(this.animation);
    this.target = undefined;
  }

  private set(view: View): void {
    this.view = view;
    // However often hands move, a frame is drawn once.
    if (this.frameRequest === 0) this.frameRequest = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frameRequest = 0;
    const { x, y, scale } = this.view;
    if (!this.world || !this.frame) return;
    this.world.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    this.frame.dataset["moving"] = "";
    // A picture is shifted faster than drawn, and so is a small one stretched; of a big one only
    // what is in sight is drawn anew.
    if (scale === this.drawnScale || scale < LIFTED_BELOW) this.frame.dataset["lifted"] = "";
    else delete this.frame.dataset["lifted"];
    this.drawnScale = scale;
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      delete this.frame?.dataset["moving"];
      delete this.frame?.dataset["lifted"];
      this.label();
      this.percent.value = Math.round(this.view.scale * 100);
    }, SETTLE_MS);
    if (this.jumped || this.scene.boxes.length <= MOST_RELABELLED) this.label();
    this.jumped = false;
  }

  /** Names are cut to their room anew, and shown with as much else as can be read. */
  private label(): void {
    this.detail.value = detailAt(this.view.scale);
    const size = nameSizeAt(this.view.scale);
    if (size === this.nameSize.value) return;
    this.nameSize.value = size;
    this.frame?.style.setProperty("--name-size", `${size}px`);
  }

  private at(event: { clientX: number; clientY: number }): Point {
    const box = this.frame?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  }

  private move(view: View): void {
    this.stop();
    this.chosen = true;
    this.set(keptInSight(view, this.scene.bounds, this.size));
  }

  private onWheel(event: WheelEvent): void {
    if (isControl(event.target)) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE : 1;
    if (event.shiftKey) {
      const along = (event.deltaX || event.deltaY) * unit;
      this.move({ ...this.view, x: this.view.x - along });
      return;
    }
    // A pinch on a touchpad arrives as a wheel with Ctrl, in small steps.
    const speed = event.ctrlKey ? 0.01 : 0.001_6;
    this.move(zoomed(this.view, this.at(event), Math.exp(-event.deltaY * unit * speed)));
  }

  private onPointerDown(event: PointerEvent): void {
    if (isControl(event.target) || (event.pointerType === "mouse" && event.button !== 0)) return;
    if (this.pointers.size === 0) this.dragged = false;
    this.pointers.set(event.pointerId, this.at(event));
  }

  private onPointerMove(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (!before || !this.frame) return;
    const now = this.at(event);
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId);
    if (!this.dragged && others.length === 0) {
      if (Math.hypot(now.x - before.x, now.y - before.y) < CLICK_SLACK) return;
      this.dragged = true;
      this.frame.setPointerCapture(event.pointerId);
    }
    this.pointers.set(event.pointerId, now);
    const other = others[0]?.[1];
    if (!other) {
      this.move({ ...this.view, x: this.view.x + now.x - before.x, y: this.view.y + now.y - before.y });
      return;
    }
    this.dragged = true;
    const apart = Math.hypot(now.x - other.x, now.y - other.y);
    const wereApart = Math.hypot(before.x - other.x, before.y - other.y);
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    const shifted = {
      ...this.view,
      x: this.view.x + (now.x - before.x) / 2,
      y: this.view.y + (now.y - before.y) / 2,
    };
    this.move(zoomed(shifted, middle, wereApart > 0 ? apart / wereApart : 1));
  }

  private onPointerUp(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
  }
}

function isSame(a: View, b: View): boolean {
  return a.x === b.x && a.y === b.y && a.scale === b.scale;
}

/** Buttons that lie on the map. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[data-map-control]") !== null;
}
