/** What each provider is told of the code around the cursor, by the settings. Apart because who is asked decides it, and where. */
import type { Settings } from '../config/schema.ts';
import type { ContextSettings } from '../context/build-context.ts';
import type { AiProvider } from '../domain/ai-provider.ts';

export interface ContextPlan {
  /** All that the settings allow. */
  readonly whole: ContextSettings;
  /** What a provider is told of a document, as large as the document's project wants it; all where nobody answers. */
  of(uri: string, provider: AiProvider | undefined): ContextSettings;
}

/** `at`: the settings that hold for a document. */
export function planContext(now: Settings, at: (uri: string) => Settings): ContextPlan {
  const whole: ContextSettings = { ...now.context, ...now.privacy };
  // It takes no instructions, and what it is not shown must take no room.
  const fillInTheMiddle = { ...whole, recentEdits: false, diagnostics: false };
  const nearby = { ...fillInTheMiddle, otherDocuments: false };

  function wantedBy(provider: AiProvider | undefined): ContextSettings {
    if (provider?.local === true) return nearby;
    return provider?.capabilities.fim === true ? fillInTheMiddle : whole;
  }

  return {
    whole,
    of(uri, provider) {
      const wanted = wantedBy(provider);
      const own = at(uri);
      if (own === now) return wanted;
      const { maxTokens, prefixShare, suffixShare } = own.context;
      return { ...wanted, maxTokens, prefixShare, suffixShare };
    },
  };
}
