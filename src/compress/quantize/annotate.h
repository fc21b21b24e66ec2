// What training through fake quantization begins with: a float graph whose weights are annotated
// with the quantization that they would get without training. Tested by annotate_test.cc.
#pragma once

#include "compress/quantize/quantize.h"

namespace mote::compress {

// `graph` as quantize takes it. Weights that would become integers are annotated with bits and
// scales as `options` have them; where these look at samples, weights and biases are those that
// samples ask for (post_training.h). Weights that are annotated already stay as they are.
Graph with_annotated_weights(const Graph& graph, const QuantizeOptions& options,
                             const CalibrationSamples& samples = {});

// Whether any value of the graph is float32 with a quantization, and whether any weights are.
bool is_annotated(const Graph& graph);
bool has_annotated_weights(const Graph& graph);

}  // namespace mote::compress
