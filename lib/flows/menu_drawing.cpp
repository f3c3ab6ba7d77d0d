// SPDX-License-Identifier: MIT
// Shows the tree of a menu, as text and as a picture, and lists its sounds.
#include <costrix/agi/flows/menu.hpp>

#include <algorithm>
#include <set>

namespace costrix::inline COSTRIX_ABI::agi {
namespace detail {
namespace {

/// One line of the drawing, and the lines below it.
struct Node {
    std::string keys;  // that lead here; empty for the outermost menu
    std::string text;
    std::vector<Node> below;
};

std::string words_of(const Prompt& prompt) {
    std::string text;
    for (const auto& element : prompt.elements())
        text += (text.empty() ? "" : " + ") + element.text;
    return text.empty() ? "(no prompt)" : text;
}

Node menu_node(const MenuOptions& menu, const std::string& keys, const std::string& label);

Node choice_node(const MenuChoice& choice) {
    using Does = MenuChoice::Kind;
    const auto& keys = choice.keys.text();
    switch (choice.kind) {
    case Does::menu:
        return menu_node(*choice.menu, keys, choice.label);
    case Does::back:
        return {keys, "back", {}};
    case Does::repeat:
        return {keys, "repeat", {}};
    case Does::top:
        return {keys, "to the outermost menu", {}};
    case Does::leave:
        return {keys, "chosen", {}};
    case Does::handler:
        break;
    }
    const auto name = choice.label.empty() ? "handler" : choice.label;
    return {keys, name + (choice.everywhere ? ", also in the menus below" : ""), {}};
}

void add_message(Node& node, const char* when, const Prompt& message) {
    if (!message.empty())
        node.below.push_back({when, words_of(message), {}});
}

Node menu_node(const MenuOptions& menu, const std::string& keys, const std::string& label) {
    const auto name = label.empty() ? std::string("menu") : label;
    Node node{keys, name + ": " + words_of(menu.prompt), {}};
    for (const auto& choice : menu.choices)
        node.below.push_back(choice_node(choice));
    add_message(node, "silence", menu.on_silence);
    add_message(node, "invalid", menu.on_invalid);
    add_message(node, "failure", menu.on_failure);
    if (menu.otherwise)
        node.below.push_back(
            {"otherwise", menu.otherwise_label.empty() ? "handler" : menu.otherwise_label, {}}
        );
    return node;
}

void write_lines(const Node& node, const std::string& indent, std::string& text) {
    for (const auto& child : node.below) {
        const bool last = &child == &node.below.back();
        text += indent + (last ? "`-- " : "|-- ") + child.keys + "  " + child.text + "\n";
        write_lines(child, indent + (last ? "    " : "|   "), text);
    }
}

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '<')
            result += "&lt;";
        else if (c == '&')
            result += "&amp;";
        else if (static_cast<unsigned char>(c) < ' ')
            result += ' ';
        else
            result += c;
    }
    return result;
}

/// Rows from top to bottom, one step to the right for each level.
class Picture {
public:
    explicit Picture(const Node& tree) { draw(tree, 0); }

    std::string document() const {
        const auto size = "width=\"" + std::to_string(width_) + "\" height=\"" +
                          std::to_string(row_ * kRow + kMargin) + "\"";
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size +
               " font-family=\"sans-serif\" font-size=\"13\">\n" + lines_ + boxes_ + "</svg>\n";
    }

private:
    static constexpr int kRow = 34, kStep = 40, kMargin = 10, kBox = 24, kLetter = 8;

    /// Draws a node and what is below it; returns the height of its middle.
    int draw(const Node& node, int level) {
        const int x = kMargin + level * kStep;
        const int y = kMargin + row_++ * kRow;
        box(x, y, node);
        int lowest = y + kBox;
        for (const auto& child : node.below) {
            const int middle = draw(child, level + 1);
            line(x + kStep / 2, middle, x + kStep, middle);
            lowest = middle;
        }
        if (!node.below.empty())
            line(x + kStep / 2, y + kBox, x + kStep / 2, lowest);
        return y + kBox / 2;
    }
    void box(int x, int y, const Node& node) {
        const auto text = node.keys.empty() ? node.text : node.keys + "  " + node.text;
        const int width = static_cast<int>(text.size()) * kLetter + 2 * kMargin;
        const char* fill = node.below.empty() ? "#f4f4f4" : "#dbe9f6";
        boxes_ += "<rect x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" width=\"" +
                  std::to_string(width) + "\" height=\"" + std::to_string(kBox) +
                  "\" rx=\"4\" fill=\"" + fill + "\" stroke=\"#555\"/>\n<text x=\"" +
                  std::to_string(x + kMargin) + "\" y=\"" + std::to_string(y + 17) + "\">" +
                  (node.keys.empty() ? ""
                                     : "<tspan font-weight=\"bold\">" + escaped(node.keys) +
                                           "</tspan>&#160;&#160;") +
                  escaped(node.text) + "</text>\n";
        width_ = std::max(width_, x + width + kMargin);
    }
    void line(int x1, int y1, int x2, int y2) {
        lines_ += "<path d=\"M" + std::to_string(x1) + " " + std::to_string(y1) + "L" +
                  std::to_string(x2) + " " + std::to_string(y2) + "\" stroke=\"#555\"/>\n";
    }

    std::string lines_, boxes_;
    int row_ = 0, width_ = 0;
};

void collect_sounds(const MenuOptions& menu, std::set<std::string>& sounds) {
    for (const auto* prompt : {&menu.prompt, &menu.on_silence, &menu.on_invalid, &menu.on_failure})
        for (auto& sound : prompt->sounds())
            sounds.insert(std::move(sound));
    for (const auto& choice : menu.choices) {
        if (choice.menu)
            collect_sounds(*choice.menu, sounds);
    }
}

}  // namespace
}  // namespace detail

std::string to_text(const Menu& menu) {
    const auto tree = detail::menu_node(menu.options(), "", "");
    std::string text = tree.text + "\n";
    detail::write_lines(tree, "", text);
    return text;
}

std::string to_svg(const Menu& menu) {
    return detail::Picture(detail::menu_node(menu.options(), "", "")).document();
}

std::vector<std::string> sounds_of(const Menu& menu) {
    std::set<std::string> sounds;
    detail::collect_sounds(menu.options(), sounds);
    return {sounds.begin(), sounds.end()};
}

}  // namespace costrix::inline COSTRIX_ABI::agi
