// How the scores of a model become a class, and which classes it can tell apart: the one place that
// decides it. Tested by classes_test.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace mote::evaluate {

// The classes that output 0 tells apart: one for each of its elements. A single element tells two
// apart.
int32_t class_count(const Graph& graph);

// What a single score, as a real number, must exceed to mean class 1: 0 where it is a logit, 0.5
// where it is a probability.
double decision_threshold(const Graph& graph);

// The graph that ends at its logits: at what enters a final Softmax, where there is one, else at
// output 0.
Graph until_logits(Graph graph);

// The class of each of `count` samples, from the bytes of output 0 of all of them: that with the
// largest score, of equal ones the first. A single score decides by decision_threshold.
std::vector<int32_t> classify(const Graph& graph, std::span<const uint8_t> output, int32_t count);

// Throws Error{usage}, which says how many there are, unless every label is a class of the model.
void check_labels(const Graph& graph, std::span<const int32_t> labels);

}  // namespace mote::evaluate
