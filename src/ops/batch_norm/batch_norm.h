// BatchNorm: out[..., c] = (in[..., c] - mean[c]) / sqrt(variance[c] + epsilon) * gamma[c] +
// beta[c]. Inputs: in [N, ..., C], gamma [C], beta [C], mean [C], variance [C]. Float only:
// `fold_batch_norm` absorbs it into the layer before it, or keeps it as a scale and an offset.
// Ioffe & Szegedy 1502.03167.
#pragma once
#include "ir/types.h"

namespace mote::ops {

struct BatchNorm {
  float epsilon = 1e-3f;
  float momentum =
      0.1f;  // of the moving statistics, in training only: new = old + momentum * (batch - old)

  bool operator==(const BatchNorm&) const = default;
  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    field("epsilon", self.epsilon);
    field("momentum", self.momentum);
  }
};

}  // namespace mote::ops
