// SPDX-License-Identifier: Apache-2.0
// What the views of a sweep share: which points are selected, which one is looked at, which are pinned.

export class Points {
  #masks = new Map();
  #listeners = [];
  constructor(count) {
    this.count = count;
    this.shown = new Uint8Array(count).fill(1); // of the fidelity that is looked at
    this.selected = new Uint8Array(count).fill(1); // shown, and inside every brush and filter
    this.selectedCount = count;
    this.current = -1;
    this.pinned = [-1, -1];
  }
  /// `listener(what)`: 'selection', 'current' or 'pinned'.
  listen(listener) {
    this.#listeners.push(listener);
  }
  #tell(what) {
    for (const l of this.#listeners) l(what);
  }

  /// Sets the mask of one view, null for none.
  setMask(view, mask) {
    if (mask) this.#masks.set(view, mask);
    else this.#masks.delete(view);
    const {shown, selected, count} = this,
      masks = [...this.#masks.values()];
    this.selectedCount = 0;
    for (let i = 0; i < count; ++i) {
      let keep = shown[i];
      for (const m of masks) keep &= m[i];
      selected[i] = keep;
      this.selectedCount += keep;
    }
    this.#tell('selection');
  }
  show(mask) {
    this.shown = mask;
    this.setMask('shown', null);
  }
  look(point) {
    if (point !== this.current) {
      this.current = point;
      this.#tell('current');
    }
  }
  pin(slot, point) {
    if (point >= 0) {
      this.pinned[slot] = point;
      this.#tell('pinned');
    }
  }
}

/// Points that no other of `among` beats in both columns; by x. Goals are 'minimise' or 'maximise'.
export function paretoFront(xs, ys, goalX, goalY, among) {
  const sx = goalX === 'maximise' ? -1 : 1,
    sy = goalY === 'maximise' ? -1 : 1;
  const order = among
    .filter(i => !Number.isNaN(xs[i]) && !Number.isNaN(ys[i]))
    .sort((a, b) => sx * (xs[a] - xs[b]) || sy * (ys[a] - ys[b]));
  const front = [];
  let best = Infinity;
  for (const i of order)
    if (sy * ys[i] < best) {
      best = sy * ys[i];
      front.push(i);
    }
  return front;
}
