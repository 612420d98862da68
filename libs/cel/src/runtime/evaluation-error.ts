/** What stops an evaluation: `no such key: x`, `index out of bounds: 3`, `division by zero`. Worded as cel-go words it. */
export class EvaluationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EvaluationError';
  }
}

/** The expression cost more than it may. Nothing absorbs this, unlike the errors above. */
export class CostLimitExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
    this.name = 'CostLimitExceeded';
  }
}
