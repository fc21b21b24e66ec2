// How far what a compressed network says is from what its float self says, of the same samples:
// without labels. Tested by divergence_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/dataset.h"
#include "ir/graph.h"

namespace mote::evaluate {

// Of the logits (classes.h): what enters a final Softmax, else output 0.
struct Divergence {
  bool classes = true;       // whether output 0 scores classes; where not, the next two say nothing
  double kl = 0;             // nats, the mean over samples of sum P log(P / Q) of both softmaxes, P
                             // the float network's
  double agreement = 1;      // the share of the samples that get the same class
  double squared_error = 0;  // |y - y'|^2 / |y|^2, over all samples

  double loss() const { return classes ? kl : squared_error; }
  double sqnr_db() const;  // of the squared error, at most 200
};

// Whether output 0 scores classes: it is one row of at least two numbers, and a Softmax makes it,
// or the graph has labels, or an input has not as many numbers.
bool scores_classes(const Graph& graph);

// What a float network says of samples, and how far others are from it.
class Reference {
 public:
  // `threads`: 0: as many as the machine has cores. Throws Error{usage} for no samples, and as
  // encode and make_engine do. The samples must outlive it.
  Reference(const Graph& network, const datasets::Split& samples, int32_t threads = 0);

  // Of another form of the network, whose outputs have the same shapes.
  Divergence of(const Graph& compressed) const;

  int32_t count() const { return samples_.count(); }

 private:
  std::vector<float> logits_of(const Graph& graph) const;

  const datasets::Split& samples_;
  int32_t threads_;
  bool classes_;
  std::vector<float> expected_;
};

}  // namespace mote::evaluate
