// The table as Markdown, LaTeX and CSV. Tested by formats_test.cc.
#include <algorithm>

#include <fmt/format.h>

#include "report/report.h"
#include "report/table.h"

namespace mote::report {
namespace {

using Escape = std::string (*)(std::string_view);

std::string replaced(std::string_view text, const std::vector<std::pair<char, const char*>>& by) {
  std::string result;
  for (char c : text) {
    const auto found = std::ranges::find_if(by, [&](const auto& pair) { return pair.first == c; });
    if (found != by.end())
      result += found->second;
    else
      result.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c);
  }
  return result;
}

std::string escape_markdown(std::string_view text) {
  return replaced(text, {{'\\', "\\\\"},
                         {'|', "\\|"},
                         {'*', "\\*"},
                         {'`', "\\`"},
                         {'[', "\\["},
                         {']', "\\]"},
                         {'!', "\\!"},
                         {'~', "\\~"},
                         {'<', "&lt;"},
                         {'>', "&gt;"},
                         {'&', "&amp;"}});
}

std::string escape_latex(std::string_view text) {
  return replaced(text, {{'\\', "\\textbackslash{}"},
                         {'{', "\\{"},
                         {'}', "\\}"},
                         {'%', "\\%"},
                         {'$', "\\$"},
                         {'&', "\\&"},
                         {'#', "\\#"},
                         {'_', "\\_"},
                         {'~', "\\textasciitilde{}"},
                         {'^', "\\textasciicircum{}"},
                         {'<', "\\textless{}"},
                         {'>', "\\textgreater{}"},
                         // As numbers: OT1, LaTeX's own encoding, has no commands for them.
                         {'"', "\\char34{}"},
                         {'`', "\\char96{}"},
                         {'|', "\\textbar{}"}});
}

// A table of a data set and a device, for reading: fewer columns than there are.
struct Block {
  std::string data, device;
  std::vector<const Task*> rows;
};

std::vector<Block> blocks_of(const Records& records) {
  std::vector<Block> blocks;
  for (const Task& task : records.tasks) {
    if (!is_row(task)) continue;
    const std::string data = text_of(Format::text, column("data").value(task)),
                      device = task.text("/cell/device");
    if (blocks.empty() || blocks.back().data != data || blocks.back().device != device)
      blocks.push_back({data, device, {}});
    blocks.back().rows.push_back(&task);
  }
  return blocks;
}

constexpr std::string_view kForReading[] = {
    "network",     "seed",         "recipe",      "top1",       "change",
    "mcnemar_p",   "macro_recall", "file_bytes",  "gzip_bytes", "constant_bytes",
    "flash_bytes", "ram_bytes",    "instructions"};

bool several_seeds(const Records& records) {
  const Task& first = records.tasks.front();
  return std::ranges::any_of(records.tasks, [&](const Task& task) {
    return task.at("/cell/seed") != first.at("/cell/seed");
  });
}

std::vector<const Column*> columns_for_reading(const Records& records) {
  std::vector<const Column*> chosen;
  for (std::string_view key : kForReading)
    if (key != "seed" || (!records.tasks.empty() && several_seeds(records)))
      chosen.push_back(&column(key));
  return chosen;
}

std::string heading_of(const Column& column) {
  const std::string unit = column.unit;
  return column.heading + (unit.empty() ? "" : ", " + unit) +
         (column.interval ? " (95 % interval)" : "");
}

std::string cell_text(const Column& column, const Task& task) {
  std::string text = text_of(column.format, column.value(task));
  const Json& interval = column.interval ? task.at(column.interval) : task.at("/none");
  if (!text.empty() && !interval.is_null())
    text += fmt::format(" ({} to {})", text_of(Format::percent, interval[0]),
                        text_of(Format::percent, interval[1]));
  return text;
}

// The cells of a row; where it failed or does not fit, a cell says so that would be empty, or
// behind the instructions of what ran from external memory all the same.
std::vector<std::string> cells_of(const Task& task, const std::vector<const Column*>& columns,
                                  Escape escape) {
  std::vector<std::string> cells;
  bool told = outcome(task) == "done";
  const std::string_view place = task.failed() ? "top1" : "instructions";
  for (const Column* column : columns) {
    std::string text = cell_text(*column, task);
    if (!told && column->key == place) {
      const std::string why =
          reason(task).empty() ? outcome(task) : outcome(task) + ": " + reason(task);
      text = text.empty() ? why : fmt::format("{} ({})", text, why);
      told = true;
    }
    cells.push_back(escape(text));
  }
  return cells;
}

std::string joined(const std::vector<std::string>& cells, std::string_view separator) {
  std::string line;
  for (const std::string& cell : cells)
    line += (&cell == cells.data() ? "" : std::string(separator)) + cell;
  return line;
}

std::string title_of(const Block& block, Escape escape) {
  return escape(block.data) + (block.device.empty() ? "" : ", " + escape(block.device));
}

constexpr std::string_view kNotes =
    "change: against the float model it was made from. p: McNemar's test of that change. Sizes are "
    "measured: the file as it is and gzipped, the network's constants, the linked flash, and RAM "
    "with the stack (without it where a model does not fit). Instructions: of one inference, "
    "counted in the emulator.";

}  // namespace

std::string markdown(const Records& records) {
  std::string text;
  const std::vector<const Column*> columns = columns_for_reading(records);
  for (const Block& block : blocks_of(records)) {
    text += fmt::format("**{}**\n\n", title_of(block, escape_markdown));
    std::vector<std::string> headings, rules;
    for (const Column* column : columns) {
      headings.push_back(escape_markdown(heading_of(*column)));
      rules.push_back(column->format == Format::text ? "---" : "---:");
    }
    text += fmt::format("| {} |\n|{}|\n", joined(headings, " | "), joined(rules, "|"));
    for (const Task* task : block.rows)
      text += fmt::format("| {} |\n", joined(cells_of(*task, columns, escape_markdown), " | "));
    text += "\n";
  }
  for (const Problem& problem : records.problems)
    text += fmt::format("* left out: {}\n", escape_markdown(problem.text()));
  return text + (records.problems.empty() ? "" : "\n") + std::string(kNotes) + "\n";
}

std::string latex(const Records& records) {
  std::string text = "% \\usepackage{booktabs}\n";
  const std::vector<const Column*> columns = columns_for_reading(records);
  std::string alignment;
  std::vector<std::string> headings;
  for (const Column* column : columns) {
    alignment += column->format == Format::text ? 'l' : 'r';
    headings.push_back(escape_latex(heading_of(*column)));
  }
  for (const Block& block : blocks_of(records)) {
    text +=
        fmt::format("\\begin{{table}}\n\\centering\n\\caption{{{}}}\n\\begin{{tabular}}{{{}}}\n",
                    title_of(block, escape_latex), alignment);
    text += fmt::format("\\toprule\n{} \\\\\n\\midrule\n", joined(headings, " & "));
    std::string network = block.rows[0]->text("/cell/network");
    for (const Task* task : block.rows) {
      if (task->text("/cell/network") != network) text += "\\addlinespace\n";
      network = task->text("/cell/network");
      text += joined(cells_of(*task, columns, escape_latex), " & ") + " \\\\\n";
    }
    text += "\\bottomrule\n\\end{tabular}\n\\end{table}\n\n";
  }
  for (const Problem& problem : records.problems)
    text += fmt::format("% left out: {}\n", escape_latex(problem.text()));
  return text + fmt::format("% {}\n", kNotes);
}

namespace {

std::string csv_cell(const Json& value) {
  if (value.is_null()) return "";
  if (!value.is_string()) return value.dump();
  std::string text = value.get<std::string>();
  // A spreadsheet would run what begins so.
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos)
    text.insert(0, 1, '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

// An interval is two columns.
void add_csv(std::vector<std::string>& cells, const Json& interval) {
  for (size_t end : {size_t{0}, size_t{1}})
    cells.push_back(interval.is_null() ? "" : csv_cell(interval[end]));
}

}  // namespace

std::string csv(const Records& records) {
  std::vector<std::string> cells{"task", "hash"};
  for (const Column& column : columns()) {
    const std::string key = column.key;
    if (column.format != Format::interval) cells.push_back(key);
    if (column.format == Format::interval || column.interval) {
      cells.push_back(key + "_low");
      cells.push_back(key + "_high");
    }
  }
  std::string text = joined(cells, ",") + "\r\n";
  for (const Task& task : records.tasks) {
    if (!is_row(task)) continue;
    cells = {task.text("/task"), csv_cell(task.hash)};
    for (const Column& column : columns()) {
      if (column.format != Format::interval) cells.push_back(csv_cell(column.value(task)));
      if (column.format == Format::interval) add_csv(cells, column.value(task));
      if (column.interval) add_csv(cells, task.at(column.interval));
    }
    text += joined(cells, ",") + "\r\n";
  }
  return text;
}

}  // namespace mote::report
