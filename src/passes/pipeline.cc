#include "passes/pipeline.h"

#include "base/error.h"
#include "ops/verify.h"
#include "passes/passes.h"

namespace mote::passes {
namespace {

constexpr Pass kPipeline[] = {
    // First: the passes below look for constant weights.
    {"fold_constants", Kind::exact, fold_constants},
    // Before whatever looks at neighbours: an identity between two nodes hides them from each
    // other.
    {"eliminate_identity", Kind::exact, eliminate_identity},
    // Before fold_preprocessing, which wants the convolution to read the input itself.
    {"fold_pad", Kind::exact, fold_pad},
    // Before fuse_activation: a batch norm lies between a convolution and its activation, and does
    // not fold backwards through one.
    {"fold_batch_norm", Kind::float_equivalent, fold_batch_norm},
    {"fuse_activation", Kind::exact, fuse_activation},
    // After fold_batch_norm: one on the input has become a convolution by then.
    {"fold_preprocessing", Kind::float_equivalent, fold_preprocessing},
    // Last: batch norms and activations are part of layers by now, whose zeros these look for.
    {"eliminate_dead_channels", Kind::exact, eliminate_dead_channels},
    {"eliminate_dead_float_channels", Kind::float_equivalent, eliminate_dead_float_channels},
};

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::exact:
      return "exact";
    case Kind::float_equivalent:
      return "float_equivalent";
    case Kind::lossy:
      return "lossy";
  }
  throw Error(ErrorKind::internal, "a pass without a kind");
}

std::span<const Pass> pipeline() {
  return kPipeline;
}

PassReport run(const Pass& pass, Graph& graph) {
  const bool changed = pass.run(graph);
  if (changed) eliminate_dead(graph);
  try {
    verify(graph, Level::imported);
  } catch (const Error& error) {
    throw Error(ErrorKind::internal, error.what(), "after pass " + std::string(pass.name));
  }
  return {pass.name, pass.kind, changed};
}

std::vector<PassReport> optimize(Graph& graph,
                                 const std::function<void(const PassReport&)>& watch) {
  verify(graph, Level::imported);
  eliminate_dead(graph);
  std::vector<PassReport> reports;
  for (const Pass& pass : pipeline()) {
    reports.push_back(run(pass, graph));
    if (watch) watch(reports.back());
  }
  verify(graph, Level::optimized);
  return reports;
}

Graph optimized(Graph graph) {
  optimize(graph);
  return graph;
}

}  // namespace mote::passes
