// The networks of the literature, and our own, as Graph builders with seeded initial weights.
// Tested by zoo_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace mote::zoo {

struct Options {
  Shape input{};        // [H, W, C]; empty: the network's default
  int32_t classes = 0;  // 0: the network's default
  uint64_t seed = 1;
  bool shapes_only = false;  // weights without their bytes: to count a large network cheaply
};

// "zoo:custom", "custom" or "zoo:custom?width=0.5&input=28x28x1&classes=10"; what the name says
// goes before `options`. Some networks also take
//   depth    layers, as in resnet20_v1?depth=56;
//   stem     cifar (images of at most 64 pixels unless told otherwise) or imagenet: whether the
//            first layers halve the image, and in VGG which head there is;
//   strides  of a MobileNet's stem and of its four later layers that may halve: 1-2-1-2-2 for
//            stem=cifar, 2-2-2-2-2 for stem=imagenet.
// Float graph at batch 1 with BatchNorm nodes, raw pixels 0..255 in: the input's preprocessing
// scales by 1/255. Throws Error{usage} that lists names or options.
Graph build(const std::string& name, const Options& options = {});

// The same network with everything said that `name` leaves open, for records:
// "zoo:mobilenet_v1?input=32x32x3&classes=10&width=0.5&stem=cifar&strides=1-2-1-2-2".
std::string full_name(const std::string& name, const Options& options = {});

struct Entry {
  std::string name;
  std::string description;
};
std::vector<Entry> entries();

}  // namespace mote::zoo
