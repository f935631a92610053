import { describe, expect, it } from "vitest";
import { Sensor } from "./sensor.ts";

type Step =
  | readonly ["record", nowMs: number, value: number]
  | readonly ["measure", nowMs: number, sumRate: number, countRate: number, average: number, maximum: number];

/** Computed by kafka-python's own Rate, Avg and Max (kafka/metrics/stats), each with a sample list of its own, for random events. */
const kafkaPython: readonly { samples: number; window: number; steps: readonly Step[] }[] = [
  {
    samples: 2,
    window: 30000,
    steps: [
      ["record", 34999, 1236],
      ["record", 64999, 594],
      ["record", 154999, 4775],
      ["measure", 154999, 159.166666667, 0.033333333, 4775, 4775],
      ["record", 155899, 3553],
      ["record", 185899, 744],
      ["record", 275899, 4633],
      ["measure", 275900, 154.428185727, 0.033332222, 4633, 4633],
      ["record", 275900, 3250],
      ["measure", 275900, 262.75790807, 0.066664445, 3941.5, 4633],
      ["record", 275900, 1091],
      ["record", 290900, 4430],
      ["record", 290901, 4590],
      ["record", 291151, 4680],
      ["measure", 291251, 499.955900512, 0.132298465, 3779, 4680],
    ],
  },
  {
    samples: 3,
    window: 1000,
    steps: [
      ["record", 5900, 3051],
      ["record", 5901, 515],
      ["record", 5901, 4067],
      ["record", 8901, 2574],
      ["record", 10401, 3713],
      ["record", 11400, 1473],
      ["record", 12300, 2460],
      ["record", 15300, 2814],
      ["record", 16800, 600],
      ["record", 16801, 1352],
      ["record", 17800, 4006],
      ["record", 18800, 636],
      ["record", 21800, 2571],
      ["record", 22799, 4870],
      ["measure", 22899, 3545.02143878, 0.952834683, 3720.5, 4870],
    ],
  },
  {
    samples: 2,
    window: 1000,
    steps: [
      ["record", 6500, 4751],
      ["record", 8000, 767],
      ["record", 8500, 533],
      ["measure", 8500, 866.666666667, 1.333333333, 650, 767],
      ["record", 9000, 3651],
      ["measure", 9500, 3300.666666667, 2, 1650.333333333, 3651],
      ["record", 10499, 3783],
      ["record", 11498, 960],
      ["record", 12998, 2355],
      ["measure", 13248, 1884, 0.8, 2355, 2355],
      ["record", 14248, 4068],
      ["record", 14249, 3291],
      ["record", 17249, 1122],
      ["measure", 18249, 1122, 1, 1122, 1122],
      ["measure", 18349, 1020, 0.909090909, 1122, 1122],
    ],
  },
];

describe("a sensor", () => {
  it.each(kafkaPython)("measures what kafka-python does, with $samples samples of $window ms", ({ samples, window, steps }) => {
    const sensor = new Sensor({ numSamples: samples, sampleWindowMs: window });
    let measured = 0;
    for (const [kind, nowMs, ...values] of steps) {
      if (kind === "record") {
        sensor.record(values[0] ?? 0, nowMs);
      } else {
        measured++;
        const now = [sensor.sumRate(nowMs), sensor.countRate(nowMs), sensor.average(nowMs), sensor.maximum(nowMs)];
        expect(now.map((value) => Number(value.toFixed(9)))).toEqual(values);
      }
    }
    expect(measured).toBeGreaterThan(0);
  });

  it("is finite before anything was recorded, and when no time has passed", () => {
    const sensor = new Sensor({ numSamples: 1, sampleWindowMs: 1000 });
    expect([sensor.sumRate(5), sensor.countRate(5), sensor.average(5), sensor.maximum(5)]).toEqual([0, 0, 0, 0]);
    sensor.record(3, 5);
    expect([sensor.sumRate(5), sensor.countRate(5), sensor.average(5), sensor.maximum(5)]).toEqual([0, 0, 3, 3]);
  });

  it("forgets what is older than its samples, but not the totals", () => {
    const sensor = new Sensor({ numSamples: 2, sampleWindowMs: 1000 });
    sensor.record(7, 0);
    expect(sensor.isIdle(1999)).toBe(false);
    expect(sensor.isIdle(2000)).toBe(true);
    expect(sensor.maximum(2000)).toBe(0);
    expect([sensor.totalCount, sensor.totalSum]).toEqual([1, 7]);
  });

  it("tells its parent", () => {
    const settings = { numSamples: 2, sampleWindowMs: 1000 };
    const all = new Sensor(settings);
    const children = [new Sensor(settings, all), new Sensor(settings, all)];
    for (const [index, child] of children.entries()) child.record(index + 1, 10);
    expect([all.totalCount, all.totalSum, all.maximum(10)]).toEqual([2, 3, 2]);
  });

  it("knows the least, and how often and how much, within the samples' time", () => {
    const sensor = new Sensor({ numSamples: 2, sampleWindowMs: 1000 });
    expect([sensor.minimum(0), sensor.recentCount(0), sensor.recentSum(0)]).toEqual([0, 0, 0]);
    for (const [nowMs, value] of [
      [0, 2],
      [1000, 7],
      [1100, 5],
    ] as const)
      sensor.record(value, nowMs);
    expect([sensor.minimum(1900), sensor.recentCount(1900), sensor.recentSum(1900)]).toEqual([2, 3, 14]);
    expect([sensor.minimum(2500), sensor.recentCount(2500), sensor.recentSum(2500)]).toEqual([5, 2, 12]);
  });
});
