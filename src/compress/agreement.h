// Whether an integer graph answers as the fake-quantized one that it was made from: what training
// saw. Tested by agreement_test.cc.
#pragma once

#include <cstdint>

#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::compress {

struct Agreement {
  int64_t same = 0;     // of the samples that both graphs say the same class of
  int64_t samples = 0;  // that were asked

  // At least 999 of 1000.
  bool holds() const { return 1000 * same >= 999 * samples; }
};

// The classes of all samples: `trained` by autograd, `integers` by the kernels of the host.
Agreement agreement_of(const Graph& trained, const Graph& integers, const datasets::Split& samples);

}  // namespace mote::compress
