import { type Buffer, type StripMember, typeOf } from "./func";
import { accesses } from "./rows";

interface Touch {
  /** The member that touched it last, and whether another did before. */
  by: StripMember;
  again: boolean;
  written: boolean;
  /** The bytes of a row; undefined where they differ, or an access may leave its row. */
  row: number | undefined;
  /** Whether some access stays in its row. */
  inRows: boolean;
}

/** The buffers that the members of a run touch, kept while the run grows. */
export class Touched {
  private readonly of = new Map<Buffer, Touch>();
  /** Bytes of a row of all temporaries that are shared. */
  bytes = 0;
  /** Whether a row of something shared is read from another. */
  crossed = false;

  add(m: StripMember): void {
    const { writes } = typeOf(m.step).uses(m.step);
    for (const { buffer, row } of accesses(m)) {
      const t = this.of.get(buffer);
      if (!t) {
        this.of.set(buffer, { by: m, again: false, written: writes.includes(buffer), row, inRows: row !== undefined });
        continue;
      }
      const before = isShared(t);
      t.again ||= t.by !== m;
      t.by = m;
      t.written ||= writes.includes(buffer);
      if (t.row !== row) t.row = undefined;
      t.inRows ||= row !== undefined;
      if (!isShared(t)) continue;
      if (t.row === undefined) this.crossed = true;
      else if (!before && buffer.home === "temp") this.bytes += t.row;
    }
  }

  /** Whether a member touches rows that others touch, too. */
  meets(m: StripMember): boolean {
    return accesses(m).some(({ buffer, row }) => row !== undefined && this.of.get(buffer)?.inRows);
  }

  /** The bytes of a row of each buffer that is written and touched by two members, if nothing is crossed. */
  get shared(): [Buffer, number][] {
    return [...this.of].flatMap(([b, t]) => (isShared(t) ? [[b, t.row as number] as [Buffer, number]] : []));
  }
}

const isShared = (t: Touch): boolean => t.written && t.again;
