import { expect, test } from "vitest";
import { murmur2, partitionForKey } from "./murmur2.ts";

// Computed by Apache Kafka 4.4.0 (org.apache.kafka.common.utils.Utils.murmur2): key, hash, partition of 12, of 1000.
const vectors: readonly (readonly [string, number, number, number])[] = [
  ["", 275646681, 9, 681],
  ["6b65792d31", 193331640, 0, 640],
  ["6b65792d32", 852269702, 2, 702],
  ["6b65792d33", -1839136101, 11, 547],
  ["6b65792d34", 647367033, 9, 33],
  ["6b65792d35", -1698326880, 8, 768],
  ["6b65792d36", -758453868, 8, 780],
  ["6b65792d37", 713419675, 7, 675],
  ["6b65792d38", -1340033413, 7, 235],
  ["6b65792d39", -1335190451, 9, 197],
  ["6b65792d3130", 1368331310, 2, 310],
  ["6b65792d3131", 159536065, 1, 65],
  ["6bc3a4e6bca2f09f9880", -568046954, 6, 694],
  ["6bc3a4e6bca2f09f98806bc3a4e6bca2f09f9880", -78398454, 2, 194],
  ["6bc3a4e6bca2f09f98806bc3a4e6bca2f09f98806bc3a4e6bca2f09f9880", 1379687142, 6, 142],
  ["6bc3a4e6bca2f09f98806bc3a4e6bca2f09f98806bc3a4e6bca2f09f98806bc3a4e6bca2f09f9880", 255190363, 7, 363],
  ["7d", -970273238, 6, 410],
  ["4369", -1385414693, 3, 955],
  ["8c0369", -1598424060, 8, 588],
  ["82167d4c", -1864803393, 11, 255],
  ["59d0bd6741", -356897022, 2, 626],
  ["8d3ab4620f7c", 423895075, 7, 75],
  ["9d1719b0a9d980", -933864316, 4, 332],
  ["7a4b14fe46eda3eb", 377253323, 11, 323],
  ["8cf1483ea3eafe0c9a", 314046314, 2, 314],
  ["08b3e5ed4eeba9eb30c8", -73061276, 0, 372],
  ["801c7c18cf2d5ee0ab3a9f", -1820228446, 10, 202],
  ["0b6db505e42db4de3834b504", 779084355, 3, 355],
  ["99bb6bbd3d93a86d26ff2efb1a", -29819821, 7, 827],
  ["08e2dd81d493497da427db57de05", 2002288837, 1, 837],
  ["836725c55b2a59c759abae422c1eb2", 711837391, 7, 391],
  ["ce223cab333c4f502acb2bb31bb3d561", -1573735337, 3, 311],
  ["6b614973716c89f0aa8b0c6644b1a775fa", 1926086551, 7, 551],
  ["56627ce453bdd2b999747b242cb4c03e731a", 1653597382, 10, 382],
  ["27c1dc71bd013c7619a5ff735cf5b57d886c65", -44800492, 4, 156],
  ["dbff9810ee89873f3fe1b6243218ae4ca3e2a992", 1284338745, 9, 745],
];

test.each(vectors)("key %s hashes like in Java", (hex, hash, of12, of1000) => {
  const key = Buffer.from(hex, "hex");
  expect(murmur2(key)).toBe(hash);
  expect(partitionForKey(key, 12)).toBe(of12);
  expect(partitionForKey(key, 1000)).toBe(of1000);
});
