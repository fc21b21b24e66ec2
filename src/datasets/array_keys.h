// What the arrays of a file are, by their keys: x_train, train_images, Y_val, x. Tested by
// array_keys_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mote::datasets {

// The keys of one split; empty where there is none.
struct SplitKeys {
  std::string images;
  std::string labels;
};

struct ArrayKeys {
  SplitKeys train, validation, test;
  bool whole = false;  // `train` is x and y, which nobody has split yet
};

// A key is what the array holds (x, images; y, labels), and of which split (train, val, valid,
// validation, test), in either order, in capitals or not.
bool is_key(std::string_view word);

// Other keys mean nothing, and x and y mean nothing beside x_train. Of several for the same thing
// the one that is spelled x_train, y_val, x, ... counts; throws Error{invalid_input} naming them
// and `where` where that is none of them, or two.
ArrayKeys find_keys(const std::vector<std::string>& keys, const std::string& where);

}  // namespace mote::datasets
