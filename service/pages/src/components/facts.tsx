export type Pairs = readonly (readonly [term: string, value: string])[];

/** Terms and their values. The direction of text of users is isolated. */
export function Facts({ pairs }: { readonly pairs: Pairs }) {
  return (
    <dl>
      {pairs.map(([term, value]) => [
        <dt key={term}>{term}</dt>,
        <dd key={`${term} value`}>
          <bdi>{value}</bdi>
        </dd>,
      ])}
    </dl>
  );
}
