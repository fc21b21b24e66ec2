// IDX, the format of MNIST and its kin: a big-endian header (0, 0, type, rank, then each dimension)
// and the elements; gzip'd or plain. http://yann.lecun.com/exdb/mnist. Tested by idx_test.cc.
#pragma once

#include <map>
#include <span>
#include <string>

#include "datasets/dataset.h"
#include "ir/npy.h"

namespace mote::datasets {

// Elements of any of the format's types, as array_of of ir/elements.h makes them ours. Throws
// Error{invalid_input} with `where` and offset.
Array parse_idx(std::span<const uint8_t> bytes, const std::string& where);

// A whole file, which is .npy or IDX by its first bytes, gzip'd or not.
Array read_array(const std::string& path);

// What `folder` has of the four files of MNIST under their official names, each with or without
// `.gz`: paths by keys of array_keys.h. `train-images.idx3-ubyte` is the same as
// `train-images-idx3-ubyte`.
std::map<std::string, std::string> idx_files(const std::string& folder);

// All four of them.
Dataset read_mnist(const std::string& folder);
Dataset read_fashion_mnist(const std::string& folder);

}  // namespace mote::datasets
