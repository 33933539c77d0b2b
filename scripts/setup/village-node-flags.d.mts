export declare const villageNodeFlags: readonly string[]
