// The networks of the literature, and our own, as Graph builders with seeded initial weights.
// Tested by zoo_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace mote::zoo {

struct Options {
  Shape input;          // [H, W, C]; empty: the network's default
  int32_t classes = 0;  // 0: the network's default
  uint64_t seed = 1;
};

// "zoo:custom", "custom" or "zoo:custom?width=0.5&input=28x28x1&classes=10"; what the name says
// goes before `options`. Float graph at batch 1 with BatchNorm nodes, raw pixels 0..255 in: the
// input's preprocessing scales by 1/255. Throws Error{usage} that lists names or options.
Graph build(const std::string& name, const Options& options = {});

struct Entry {
  std::string name;
  std::string description;
};
std::vector<Entry> entries();

}  // namespace mote::zoo
