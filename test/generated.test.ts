/** Files that are made out of the source are as the source makes them now; `npm run update` makes them anew. */
import { expect, test } from 'vitest';
import { configJsonSchema, projectJsonSchema } from '../src/config/generate.ts';
import { settingsReference } from '../src/config/settings-reference.ts';
import { protocolJsonSchema } from '../src/domain/protocol-schema.ts';

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

test('the JSON Schema of the settings file', async () => {
  await expect(json(configJsonSchema())).toMatchFileSnapshot('../schemas/config.schema.json');
});

test('the JSON Schema of a project file', async () => {
  await expect(json(projectJsonSchema())).toMatchFileSnapshot('../schemas/project.schema.json');
});

test('the settings page of the manual', async () => {
  await expect(settingsReference()).toMatchFileSnapshot('../docs/settings.md');
});

test('the JSON Schema of the protocol', async () => {
  await expect(json(protocolJsonSchema())).toMatchFileSnapshot('../schemas/protocol.schema.json');
});
