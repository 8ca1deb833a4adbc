/** Makes the JSON Schema that editors check the settings file with. */
import * as z from 'zod/mini';
import { settingsSchema, userFileSchema } from './schema.ts';
import { settingFacts } from './setting.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The JSON Schema (draft 7, which every editor knows) of the user file. */
export function configJsonSchema(): JsonSchema {
  const generated = z.toJSONSchema(settingsSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => describe(zodSchema, jsonSchema),
  });
  const settings = generated.properties ?? {};
  const { title = '', description = '' } = z.globalRegistry.get(userFileSchema) ?? {};
  const references = Object.fromEntries(Object.keys(settings).map((name) => [name, { $ref: `#/definitions/${name}` }]));
  const { profile: _, ...profileReferences } = references;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    description,
    type: 'object',
    allowComments: true,
    allowTrailingCommas: true,
    properties: {
      $schema: { type: 'string', description: 'The address of this schema, for editors.' },
      ...references,
      profiles: {
        title: 'profiles',
        description: z.globalRegistry.get(userFileSchema.shape.profiles)?.description ?? '',
        type: 'object',
        default: {},
        additionalProperties: { type: 'object', properties: profileReferences, additionalProperties: false },
      },
    },
    additionalProperties: false,
    definitions: Object.fromEntries(Object.entries(settings).map(([name, schema]) => [name, titled(schema, name)])),
  };
}

/** Adds what the schema library does not know, and takes away what it cannot know: no setting has to be there. */
function describe(schema: z.core.$ZodTypes, json: JsonSchema): void {
  const facts = settingFacts.get(schema as unknown as z.ZodMiniType);
  if (facts) json.description = `${json.description ?? ''} Expected: ${facts.expected}.`;
  const isVariableReference = schema instanceof z.ZodMiniObject && 'env' in schema.shape;
  if (!isVariableReference) delete json.required;
}

/** Gives every setting its dotted path as title, so that an editor's pop-up says where one is. */
function titled(schema: z.core.JSONSchema._JSONSchema, path: string): z.core.JSONSchema._JSONSchema {
  if (typeof schema === 'boolean') return schema;
  const properties = Object.entries(schema.properties ?? {}).map(([name, child]) => [
    name,
    titled(child, `${path}.${name}`),
  ]);
  const { additionalProperties } = schema;
  return {
    title: path,
    ...schema,
    ...(properties.length > 0 && !isVariableReferenceJson(schema) && { properties: Object.fromEntries(properties) }),
    ...(typeof additionalProperties === 'object' &&
      additionalProperties.properties && { additionalProperties: titled(additionalProperties, `${path}.*`) }),
  };
}

function isVariableReferenceJson(schema: JsonSchema): boolean {
  return Object.hasOwn(schema.properties ?? {}, 'env');
}
