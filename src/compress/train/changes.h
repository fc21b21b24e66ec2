// Changes of training's options as a TOML file has them: what studies and recipes share. Tested by
// changes_test.cc.
#pragma once

#include <set>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/toml_reader.h"
#include "compress/train/train.h"

namespace mote::compress {

using Json = nlohmann::ordered_json;

// The keys of TrainOptions but for the seed, which is the caller's.
std::set<std::string_view> change_keys();

// Whether epochs and the learning rate may also be a share of what they were: "30 %".
enum class Shares : uint8_t { allowed, refused };

// The options that the table sets, as JSON of their names and values. Throws Error{invalid_input}
// with the line of a value that is of another type or out of its range.
Json read_changes(const TomlReader& reader, const toml::table& table, Shares shares);

// The options with the changes made. At least one epoch is left.
TrainOptions changed(const TrainOptions& options, const Json& changes);

}  // namespace mote::compress
