import type { ImageFacts } from './image/image-facts.ts';
import type { Subject } from './subject.ts';

/** What watches a backend without PM2: this package, on the machine that the export is for. */
export interface Watcher {
  /** The Node that runs it, and the file of its program. */
  readonly node: string;
  readonly program: string;
  /** The ecosystem file, which it reads at its start. */
  readonly file: string;
}

/** All that a plan is made from. */
export interface ExportInput {
  /** The project's folder: that of the ecosystem file. */
  readonly directory: string;
  /** Where the files are going to be, absolute: paths in them may be relative to it. */
  readonly target: string;
  readonly subjects: readonly Subject[];
  /** By backend: what its folder has to make an image from. */
  readonly images: Readonly<Record<string, ImageFacts>>;
  /** How many alert channels are configured: no target has them. */
  readonly alertChannels: number;
  readonly watcher: Watcher;
}

export function factsOf({ images }: ExportInput, { backend: { name } }: Subject): ImageFacts {
  return images[name] ?? { dockerfile: null, packages: [], version: null };
}

/** What every export says of the parts of the configuration that belong to lifeguard as a whole. */
export function notesOnAlerts({ alertChannels }: ExportInput): string[] {
  if (alertChannels === 0) return [];
  return [
    `alerts: ${alertChannels === 1 ? 'the channel is' : `the ${alertChannels} channels are`} lifeguard's own and not part of the export.`,
  ];
}
