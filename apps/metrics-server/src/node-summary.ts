/** Of a kubelet's `/stats/summary`: the parts that matter here. */
export interface NodeSummary {
  readonly node: Figures & { readonly nodeName: string };
  readonly pods?: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly containers?: readonly (Figures & { readonly name: string })[];
  }[];
}

export interface Figures {
  readonly cpu?: { readonly time: string; readonly usageNanoCores?: number };
  readonly memory?: { readonly time: string; readonly workingSetBytes?: number };
}
