// Random pools, and what lies in the window of one output element: shared by the pools' tests.
#pragma once

#include <vector>

#include "tests/support/node_oracle.h"

namespace mote::testing {

template <class Pool>
Pool random_pool(Random& random) {
  const auto from = [&](int32_t least, int32_t most) {
    return least + static_cast<int32_t>(random.below(static_cast<uint64_t>(most - least + 1)));
  };
  Pool pool;
  pool.window = {from(1, 4), from(1, 4)};
  pool.stride = {from(1, 3), from(1, 3)};
  pool.padding = {from(0, pool.window.height - 1), from(0, pool.window.height - 1),
                  from(0, pool.window.width - 1), from(0, pool.window.width - 1)};
  pool.activation = static_cast<Activation>(random.below(4));
  return pool;
}

inline Shape random_image(Size2D window, int32_t batch, Random& random) {
  const Shape rest = random_shape(3, 6, random);
  return {batch, window.height + rest[0], window.width + rest[1], rest[2]};
}

// The elements of `x`, an image of shape `input`, under the window of an output element.
template <class Pool, class T>
std::vector<double> window_of(size_t element, const Pool& pool, const std::vector<T>& x,
                              const Shape& input, const Shape& output) {
  const std::vector<int64_t> at = position_of(static_cast<int64_t>(element), output);
  std::vector<double> window;
  for (int64_t ky = 0; ky < pool.window.height; ky++)
    for (int64_t kx = 0; kx < pool.window.width; kx++) {
      const int64_t y = at[1] * pool.stride.height - pool.padding.top + ky;
      const int64_t x0 = at[2] * pool.stride.width - pool.padding.left + kx;
      if (y < 0 || y >= input[1] || x0 < 0 || x0 >= input[2]) continue;
      window.push_back(static_cast<double>(x[element_at({at[0], y, x0, at[3]}, input)]));
    }
  return window;
}

// The pool of a batch of one from a ring that holds one window's rows.
template <class Pool>
void expect_reads_from_a_ring(const Pool& pool, const Graph& graph, Random& random) {
  const std::vector<Bytes> inputs = random_inputs(graph, random);
  const int32_t height = graph.value(graph.inputs[0]).type.shape[1];
  RunOptions ring{.rows_at_once = 1, .ring_rows = pool.window.height};
  ring.rows_needed = [&](int32_t row) {
    return std::min(height, row * pool.stride.height - pool.padding.top + pool.window.height);
  };
  EXPECT_EQ(run_node(graph, inputs, ring), run_node(graph, inputs));
}

}  // namespace mote::testing
