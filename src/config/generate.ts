/** Makes the JSON Schema that editors check the settings file with. */
import * as z from 'zod/mini';
import { projectTree } from './project-schema.ts';
import { settingsTree, userFileTree } from './schema.ts';
import { entryName } from './setting.ts';
import type { GroupNode, LeafNode, SettingNode } from './setting-tree.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The JSON Schema (draft 7, which every editor knows) of the user file. */
export function configJsonSchema(): JsonSchema {
  const names = [...settingsTree.children.keys()];
  const references = Object.fromEntries(names.map((name) => [name, { $ref: `#/definitions/${name}` }]));
  const { profile: _, ...profileReferences } = references;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Inkling settings',
    description: userFileTree.description,
    type: 'object',
    allowComments: true,
    allowTrailingCommas: true,
    properties: {
      $schema: { type: 'string', description: 'The address of this schema, for editors.' },
      ...references,
      profiles: {
        title: 'profiles',
        description: userFileTree.shape.profiles.description,
        type: 'object',
        default: {},
        additionalProperties: { type: 'object', properties: profileReferences, additionalProperties: false },
      },
    },
    additionalProperties: false,
    definitions: propertiesOf(settingsTree, ''),
  };
}

/** The JSON Schema (draft 7) of a project file. */
export function projectJsonSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Inkling project settings',
    description: projectTree.description,
    type: 'object',
    allowComments: true,
    allowTrailingCommas: true,
    properties: {
      $schema: { type: 'string', description: 'The address of this schema, for editors.' },
      ...propertiesOf(projectTree, ''),
    },
    additionalProperties: false,
  };
}

/** The title of every setting is its dotted path, so that an editor's pop-up says where one is. */
function jsonOf(node: SettingNode, path: string): JsonSchema {
  switch (node.kind) {
    case 'setting':
      return leafJson(node, path);
    case 'group':
      return groupJson(node, path);
    case 'table':
      return {
        title: path,
        default: {},
        description: node.description,
        type: 'object',
        propertyNames: valueJson(entryName.schema()),
        additionalProperties: groupJson(node.entry, `${path}.*`),
      };
  }
}

/** No setting has to be there. */
function groupJson(node: GroupNode, path: string): JsonSchema {
  return {
    title: path,
    description: node.description,
    type: 'object',
    properties: propertiesOf(node, `${path}.`),
    additionalProperties: false,
  };
}

function propertiesOf({ children }: GroupNode, prefix: string): Record<string, JsonSchema> {
  return Object.fromEntries([...children].map(([name, child]) => [name, jsonOf(child, prefix + name)]));
}

function leafJson({ schema, defaultValue, description, expected }: LeafNode, path: string): JsonSchema {
  return {
    title: path,
    ...(defaultValue === undefined ? {} : { default: defaultValue as z.core.util.JSONType }),
    description: `${description} Expected: ${expected}.`,
    ...valueJson(schema()),
  };
}

function valueJson(schema: z.ZodMiniType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return json;
}
