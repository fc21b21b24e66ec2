// The bits of each layer within so many bytes of constants: a knapsack over what each layer's bits
// are worth, whose best solutions are then really made and measured. Tested by mixed_bits_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compress/search/sensitivity.h"
#include "compress/train/changes.h"
#include "evaluate/divergence.h"

namespace mote::compress {

// A network of mixed bits that was made and measured.
struct BitsTrial {
  std::vector<int32_t> bits;  // by layer
  int64_t budget_bytes = 0;   // that it was sought for
  int64_t predicted_bytes = 0;
  double predicted_loss = 0;  // the sum over layers of what their bits alone lose
  int64_t constant_bytes = 0;
  evaluate::Divergence divergence = {};
};

struct MixedBits {
  Sensitivities sensitivities;
  int64_t budget_bytes = 0;
  int64_t uniform_bytes = 0;     // of the scheme's plain model, which shares are of
  std::vector<BitsTrial> tried;  // for the budget; the best that fits comes first
  // The best for other budgets, the smallest first, and for this one; measured, those left out that
  // another one beats in bytes and loss.
  std::vector<BitsTrial> front;
};

// Quantizes `graph`, as quantize takes it, with the bits found for options.constants bytes: of the
// constants of the whole network as `deploy` links them, for a share up to 1 as many of what the
// scheme makes of it plainly. First by the sums of what the layers' bits lose alone (KL divergence,
// or squared error without classes), then the least that was measured, of equal ones the smallest.
// `found` says what was tried. Throws Error{over_budget}, with the least bytes that can be had.
Graph quantize_with_mixed_bits(const Graph& graph, const QuantizeOptions& options,
                               const CalibrationSamples& samples,
                               const evaluate::Reference& reference, MixedBits& found,
                               const SearchProgress& progress = {});

// What was tried, as records and --json have it.
Json json_of(const MixedBits& found);

}  // namespace mote::compress
