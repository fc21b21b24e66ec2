// The rewrites, one file each: <name>.cc, with cases in <name>_test.txt that passes_test.cc runs.
// Each says whether it changed the graph. pipeline.h runs them in order and verifies what they
// leave.
#pragma once

#include "ir/graph.h"

namespace mote::passes {

// Nodes whose inputs are all constant become constants: shape arithmetic, weights that a file keeps
// as integers. Exact.
bool fold_constants(Graph& graph);

// Nodes that change nothing go: a Reshape to the same shape or of a Reshape, a Pad of nothing, a
// Quantize to the same type. Exact.
bool eliminate_identity(Graph& graph);

// A Pad of zeros around the image becomes the padding of the convolutions that read it. Exact.
bool fold_pad(Graph& graph);

// BatchNorm goes into the weights and the bias of the layer before, or of the one behind; where
// neither can take it, it becomes a 1x1 DepthwiseConv2D. Leaves no BatchNorm. Float-equivalent.
bool fold_batch_norm(Graph& graph);

// Relu and Relu6 become the activation of the node before. Exact.
bool fuse_activation(Graph& graph);

// The scale of an input's preprocessing goes into the weights of the layers that read the input, so
// that a quantized model takes pixels as they are. Float-equivalent.
bool fold_preprocessing(Graph& graph);

// Channels of activations go that no output depends on: that only weights of 0 read, or that always
// hold one number, which then goes into the bias of the layer behind (a border, which is not that
// number, keeps it from there). Exact: of layers of integers.
bool eliminate_dead_channels(Graph& graph);

// The same of layers of floats. Float-equivalent: sums are in another order, and a weight of 0 no
// longer passes on an infinity or a NaN.
bool eliminate_dead_float_channels(Graph& graph);

}  // namespace mote::passes
