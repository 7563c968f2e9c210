import type { ServiceFactory, ServicesOptions } from '../contracts/config.js';
import type { Faults, Source } from './faults.js';
import type { Layer } from './resolve.js';

/** `config/services.ts`: a later layer replaces a service of the same name. */
export function resolveServices(
  layers: readonly Layer[],
  faults: Faults,
): { values: ServicesOptions; origins: Record<string, Source> } {
  const services = new Map<string, ServiceFactory>();
  const origins: Record<string, Source> = {};
  for (const { source, values } of layers) {
    for (const [name, factory] of Object.entries(values)) {
      if (factory === undefined) continue;
      if (typeof factory === 'function') {
        services.set(name, factory as ServiceFactory);
        origins[name] = source;
      } else {
        faults.value(
          source,
          name,
          factory,
          { fr: 'une fonction qui construit le service', en: 'a function that builds the service' },
          true,
        );
      }
    }
  }
  return { values: Object.fromEntries(services), origins };
}
