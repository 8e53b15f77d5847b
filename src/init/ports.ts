import type { ProjectFolder } from './project-folder.ts';

/** The port that a project names: in `.env`, in its source, in a Dockerfile. null: none. */
export function portOf(project: ProjectFolder, files: readonly string[]): number | null {
  const inEnv = numberIn(project.read('.env'), /^\s*(?:export\s+)?PORT\s*=\s*["']?(\d+)/m);
  if (inEnv !== null) return inEnv;
  for (const file of files) {
    const found = numberIn(project.read(file), IN_SOURCE);
    if (found !== null) return found;
  }
  return numberIn(project.read('Dockerfile'), /^\s*EXPOSE\s+(\d+)/m);
}

/** `process.env.PORT || 3000`, `os.getenv("PORT", 8000)`, `port=8000`, `.listen(3000`. */
const IN_SOURCE =
  /(?:PORT\b["'\])]*\s*(?:\|\||\?\?|,)\s*["']?(\d{2,5})|\bport\s*[=:]\s*(?:int\()?["']?(\d{2,5})\b|\.listen\(\s*(\d{2,5})\b)/;

function numberIn(text: string | null, pattern: RegExp): number | null {
  const match = text === null ? null : pattern.exec(text);
  const port = Number(match?.slice(1).find((group) => group !== undefined));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}
