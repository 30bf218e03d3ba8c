import type { Schema, Table } from 'apache-arrow';
import type { MetadataOptions } from '../options/metadata-options.js';

/** No metadata options: the answer is objects. */
export type NoMetadataOptions = Record<never, never>;

/** What a metadata call resolves to under its options: `T`, the Arrow Table for `format: 'arrow'`, its schema for `format: 'schema'`. */
export type MetadataOf<O extends MetadataOptions, T> = O extends { readonly format: 'arrow' }
  ? Table
  : O extends { readonly format: 'schema' }
    ? Schema
    : O extends { readonly format: 'objects' }
      ? T
      : 'format' extends keyof O
        ? T | Table | Schema
        : T;
