#include "compress/search/constants.h"

#include "base/ascii.h"

namespace mote::compress {

std::optional<double> parse_constants(std::string_view text) {
  constexpr double kMost = 1e15;
  double unit = 1;
  if (!text.empty()) {
    const char last = ascii_upper(text.back());
    unit = last == '%' ? 0.01 : last == 'K' ? 1024 : last == 'M' ? 1024 * 1024 : 1;
    if (unit != 1) text.remove_suffix(1);
  }
  while (unit != 1 && text.ends_with(' ')) text.remove_suffix(1);
  const std::optional<double> number = parse_number<double>(text);
  if (!number || !(*number > 0 && *number <= kMost)) return std::nullopt;
  const double amount = *number * unit;
  if (unit < 1 && amount > 1) return std::nullopt;  // a share of more than all
  return amount;
}

}  // namespace mote::compress
