/** https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/#apiserver-config-k8s-io-v1-EncryptionConfiguration */
export interface EncryptionConfiguration {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly resources?: readonly ResourceConfiguration[];
}

export interface ResourceConfiguration {
  readonly resources?: readonly string[];
  readonly providers?: readonly ProviderConfiguration[];
}

/** One of them. */
export interface ProviderConfiguration {
  readonly aesgcm?: KeyedProvider | null;
  readonly aescbc?: KeyedProvider | null;
  readonly secretbox?: KeyedProvider | null;
  readonly identity?: object | null;
  readonly kms?: KmsProvider | null;
}

export interface KeyedProvider {
  readonly keys?: readonly { readonly name?: string; readonly secret?: string }[];
}

export interface KmsProvider {
  readonly apiVersion?: string;
  readonly name?: string;
  readonly endpoint?: string;
  readonly timeout?: string;
  readonly cachesize?: number;
}
