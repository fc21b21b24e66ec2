#include "datasets/array_keys.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"

namespace mote::datasets {
namespace {

using Words = std::span<const std::string_view>;

// The first word is how it is spelled here.
constexpr std::string_view kImages[] = {"x", "images", "image"};
constexpr std::string_view kLabels[] = {"y", "labels", "label", "targets", "target"};
constexpr std::string_view kTrainWords[] = {"train", "training"};
constexpr std::string_view kValidation[] = {"val", "valid", "validation"};
constexpr std::string_view kTestWords[] = {"test", "testing"};

bool is_one_of(std::string_view word, Words words) {
  return std::ranges::find(words, word) != words.end();
}

// Whether `key` is one of `contents` alone or, where there is a split, beside one of its words.
bool means(std::string_view key, Words contents, Words split) {
  const std::string lower = lower_case(key);
  const std::string_view word(lower);
  if (split.empty()) return is_one_of(word, contents);
  const size_t line = word.find('_');
  if (line == std::string_view::npos) return false;
  const std::string_view first = word.substr(0, line), second = word.substr(line + 1);
  return (is_one_of(first, contents) && is_one_of(second, split)) ||
         (is_one_of(first, split) && is_one_of(second, contents));
}

// "x", "x_train", "y_valid": exactly so.
bool is_spelled_out(std::string_view key, Words contents, Words split) {
  const std::string_view content = contents[0];
  if (split.empty()) return key == content;
  return key.starts_with(content) && key.substr(content.size()).starts_with('_') &&
         is_one_of(key.substr(content.size() + 1), split);
}

// Empty where there is none.
std::string find(const std::vector<std::string>& keys, Words contents, Words split,
                 const std::string& where) {
  std::vector<std::string> all, spelled_out;
  for (const std::string& key : keys) {
    if (means(key, contents, split)) all.push_back(key);
    if (is_spelled_out(key, contents, split)) spelled_out.push_back(key);
  }
  if (all.empty()) return {};
  if (all.size() == 1) return all[0];
  if (spelled_out.size() == 1) return spelled_out[0];
  for (std::string& key : all) key = ascii_excerpt(key);
  throw Error(ErrorKind::invalid_input,
              fmt::format("{} are the same thing by their names", fmt::join(all, " and ")), where,
              "keep one of them, or rename the others");
}

}  // namespace

bool is_key(std::string_view word) {
  return std::ranges::any_of(std::array<Words, 2>{kImages, kLabels}, [&](Words contents) {
    return std::ranges::any_of(std::array<Words, 4>{kTrainWords, kValidation, kTestWords, Words{}},
                               [&](Words split) { return means(word, contents, split); });
  });
}

ArrayKeys find_keys(const std::vector<std::string>& keys, const std::string& where) {
  const auto split = [&](Words words) {
    SplitKeys found{find(keys, kImages, words, where), {}};
    if (!found.images.empty()) found.labels = find(keys, kLabels, words, where);
    return found;
  };
  ArrayKeys found{split(kTrainWords), split(kValidation), split(kTestWords)};
  if (found.train.images.empty()) {
    found.train = split({});
    found.whole = !found.train.images.empty();
  }
  return found;
}

}  // namespace mote::datasets
