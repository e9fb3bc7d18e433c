import { existsSync, readFileSync } from 'node:fs';
import type { MetricRow } from '@latchkey/core/internal';
import { expect } from 'chai';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { allMetrics } from '../docs/metrics-page.ts';

const dashboardFile = 'deploy/grafana/latchkey.json';
const alertsFile = 'deploy/prometheus/alerts.yml';
const page = 'docs/run/observability.md';

/** Labels that Prometheus adds to each series. It calls a label of ours `exported_…` where the names are the same. */
const ofPrometheus = ['instance', 'job', 'le'];

/** Prometheus writes three series for a histogram. */
const baseName = (name: string) => name.replace(/_(?:bucket|sum|count)$/, '');
const nameOf = (series: string) => (Object.hasOwn(allMetrics, series) ? series : baseName(series));
const metricOf = (series: string): MetricRow | undefined => allMetrics[nameOf(series)];

const namesIn = (text: string) => [...new Set(text.match(/\b(?:latchkey|nodejs|process)_[a-z0-9_]+\b/g) ?? [])];

function processNames(): readonly string[] {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register.getMetricsAsArray().map(({ name }) => name);
}

interface Alert {
  readonly name: string;
  readonly expr: string;
  readonly summary: string;
  readonly runbook: string | undefined;
}

function alertsOf(text: string): Alert[] {
  return text
    .split('- alert: ')
    .slice(1)
    .map((block) => ({
      name: block.slice(0, block.indexOf('\n')),
      expr: /expr: (?:\|\n)?([\s\S]*?)\n\s+(?:for|labels):/.exec(block)?.[1] ?? '',
      summary: /summary: (.*)/.exec(block)?.[1] ?? '',
      runbook: /runbook: (\S+)/.exec(block)?.[1],
    }));
}

function expressionsOf(dashboard: string): string[] {
  const { panels } = JSON.parse(dashboard) as { panels: { targets?: { expr: string }[] }[] };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

const alerts = alertsOf(readFileSync(alertsFile, 'utf8'));
const expressions = [...expressionsOf(readFileSync(dashboardFile, 'utf8')), ...alerts.map(({ expr }) => expr)];

const headingsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );

describe('dashboard and alerts', () => {
  it('name metrics that exist', () => {
    const all = processNames();
    const unknown = expressions.flatMap(namesIn).filter((name) => metricOf(name) === undefined && !all.includes(name));
    expect(unknown).to.deep.equal([]);
  });

  it('use each metric of the tables', () => {
    const used = new Set(expressions.flatMap(namesIn).map(nameOf));
    expect(Object.keys(allMetrics).filter((name) => !used.has(name))).to.deep.equal([]);
  });

  it('have no label that Prometheus sets itself', () => {
    const taken = Object.entries(allMetrics).filter(([, { labels = [] }]) =>
      labels.some((label) => [...ofPrometheus, 'quantile'].includes(label) || label.startsWith('exported_')),
    );
    expect(taken.map(([name]) => name)).to.deep.equal([]);
  });

  it('group by labels that the metrics have, and name them in the summaries of alerts', () => {
    const labelsIn = (expr: string) => namesIn(expr).flatMap((name) => metricOf(name)?.labels ?? []);
    const isKnown = (expr: string, label: string) => [...ofPrometheus, ...labelsIn(expr)].includes(label);
    const grouped = expressions.flatMap((expr) =>
      [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)]
        .flatMap(([, list]) => list!.split(/, ?/))
        .filter((label) => !isKnown(expr, label))
        .map((label) => `${expr}: ${label}`),
    );
    const named = alerts.flatMap(({ name, expr, summary }) =>
      [...summary.matchAll(/\$labels\.(\w+)/g)]
        .map(([, label]) => label!)
        .filter((label) => label !== 'instance' && !labelsIn(expr).includes(label))
        .map((label) => `${name}: ${label}`),
    );
    expect([...grouped, ...named]).to.deep.equal([]);
  });

  it('select by labels that the metrics have', () => {
    const wrong = expressions.flatMap((expr) =>
      [...expr.matchAll(/\b(latchkey_[a-z0-9_]+)\{([^}]*)\}/g)].flatMap(([, name, matchers]) =>
        [...matchers!.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)]
          .map(([, label]) => label!)
          .filter((label) => !ofPrometheus.includes(label) && !metricOf(name!)?.labels?.includes(label))
          .map((label) => `${name}: ${label}`),
      ),
    );
    expect(wrong).to.deep.equal([]);
  });

  it('has an expression and a runbook that exists in each alert', () => {
    expect(alerts.length).to.be.above(20);
    expect(new Set(alerts.map(({ name }) => name)).size).to.equal(alerts.length);
    for (const { name, expr, runbook = '' } of alerts) {
      const [file, heading] = runbook.split('#') as [string, string | undefined];
      expect(expr, name).not.to.equal('');
      expect(existsSync(file), `${name}: ${runbook}`).to.equal(true);
      if (heading !== undefined) expect(headingsOf(file), `${name}: ${runbook}`).to.include(heading);
    }
  });
});

describe('the table of faults', () => {
  const rows = readFileSync(page, 'utf8')
    .split('## Faults, and what moves')[1]!
    .split('\n')
    .filter((line) => /^\| (?!fault |---)/.test(line) && !line.startsWith('|---'))
    .map((line) => line.split(' | '));

  it('has a row for each of the 25 faults', () => {
    expect(rows).to.have.length(25);
  });

  for (const [fault = '', moves = '', test = ''] of rows)
    it(`names what a test checks when ${fault.slice(2)}`, () => {
      const [, file, title] = /`([^`]+)`, “([^”]+)”/.exec(test) ?? [];
      const text = readFileSync(file!, 'utf8');
      expect(text).to.include(title);
      const names = namesIn(moves);
      for (const name of names) expect(text).to.include(name);
      for (const name of names.filter((one) => one.startsWith('latchkey_')))
        expect(metricOf(name), name).to.be.an('object');
      const lines = /log line/.test(moves) ? [...moves.matchAll(/`([^`]+)`/g)].map(([, line]) => line!) : [];
      expect(names.length + lines.length, moves).to.be.above(0);
      for (const line of lines) expect(text).to.include(line);
    });
});
