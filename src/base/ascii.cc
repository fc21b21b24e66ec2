#include "base/ascii.h"

#include <algorithm>

namespace mote {

std::string ascii_excerpt(std::string_view word) {
  std::string result(word.substr(0, 40));
  std::ranges::replace_if(
      result, [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

bool has_extension(std::string_view path, std::string_view extension) {
  return path.size() > extension.size() &&
         lower_case(path.substr(path.size() - extension.size())) == lower_case(extension);
}

}  // namespace mote
