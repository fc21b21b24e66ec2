// The choice among techniques of quantizing after training: all of a small lattice are tried, and
// samples that none of them has looked at say which one keeps what the float network says. Tested
// by techniques_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "compress/calibrate/calibrate.h"
#include "compress/quantize/quantize.h"
#include "compress/search/sensitivity.h"
#include "compress/train/changes.h"
#include "evaluate/divergence.h"

namespace mote::compress {

struct Technique {
  bool equalize = false;  // by weights
  Observer observer = Observer::min_max;
  WeightScale scales = WeightScale::min_max;
  Rounding rounding = Rounding::nearest;
  bool bias_correction = false;

  bool operator==(const Technique&) const = default;
};

// All combinations of equalizing or not, the observers min_max, percentile and mse, both weight
// scales, both roundings, and correcting biases or not: the simplest first, which is that with the
// fewest of them away from their defaults.
std::vector<Technique> techniques();

struct TechniqueTrial {
  Technique technique;
  evaluate::Divergence divergence;  // from the float network
};

struct ChosenTechnique {
  std::vector<TechniqueTrial> tried;  // in the order of techniques()
  size_t best = 0;
  int32_t calibration_samples = 0;  // that techniques looked at
  int32_t judging_samples = 0;      // others
};

// Whether the first is better: in agreement, of equal ones in KL divergence, then in squared error.
bool better(const evaluate::Divergence& a, const evaluate::Divergence& b);

// Quantizes an optimized float graph by the best of all techniques, of equal ones by the simplest.
// `calibrate` says the input ranges, `quantize` the scheme, of integer activations, and bits; what
// techniques say is not read. `judge` has other samples than `samples`.
Graph quantize_with_best_technique(const Graph& graph, const CalibrateOptions& calibrate,
                                   const QuantizeOptions& quantize,
                                   const CalibrationSamples& samples,
                                   const evaluate::Reference& judge, ChosenTechnique& found,
                                   const SearchProgress& progress = {});

// What was tried, as records and --json have it.
Json json_of(const ChosenTechnique& found);

}  // namespace mote::compress
