/** What a process uses, as the Linux kernel counts it; a system without `/proc` gives `NaN`. */
import { readFileSync } from 'node:fs';

const MEGABYTE = 1024;
/** The kernel counts processor time in hundredths of a second. */
const TICK = 10;

export interface Memory {
  /** Resident now, MB of 2^20 bytes. */
  readonly resident: number;
  /** The most that was ever resident, MB. */
  readonly peak: number;
}

export function memoryOf(pid: number): Memory {
  const status = read(`/proc/${pid}/status`);
  const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / MEGABYTE;
  return { resident: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

/** Processor time so far, all threads, in milliseconds. */
export function processorTimeOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
