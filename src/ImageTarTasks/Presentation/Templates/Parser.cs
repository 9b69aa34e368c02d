using System.Globalization;

namespace ImageTarTasks.Presentation.Templates;

/// <summary>
/// Reads the part of Go's text/template that <c>--format</c> needs: everything but <c>define</c>, <c>template</c> and
/// <c>block</c>.
/// </summary>
internal sealed class Parser
{
    /// <summary>The maximum nesting of blocks and parentheses, because they are evaluated recursively.</summary>
    private const int MaxDepth = 100;

    private readonly string _source;
    private readonly IReadOnlyList<Token> _tokens;
    private readonly List<string> _variables = ["$"];
    private int _position;
    private int _depth;
    private int _rangeDepth;

    private Parser(string source)
    {
        _source = source;
        _tokens = new Lexer(source).Tokenize();
    }

    private Token Current => _tokens[_position];

    /// <summary>The parts of a template.</summary>
    /// <exception cref="TemplateException">Malformed.</exception>
    public static IReadOnlyList<Node> Parse(string source)
    {
        var parser = new Parser(source);
        var nodes = parser.ParseList(out var end);
        return end == "EOF" ? nodes : throw parser.ParseError($"unexpected {{{{{end}}}}}");
    }

    /// <summary>Nodes up to <c>end</c>, <c>else</c> (which are read) or the end of all.</summary>
    private List<Node> ParseList(out string end)
    {
        var nodes = new List<Node>();
        while (true)
        {
            var token = Take();
            if (token.Kind == TokenKind.End)
            {
                end = "EOF";
                return nodes;
            }

            if (token.Kind == TokenKind.Text)
            {
                nodes.Add(new TextNode(token.Position, token.Text));
                continue;
            }

            SkipSpace();
            if (Current is not { Kind: TokenKind.Word } word)
            {
                nodes.Add(ParseAction());
                continue;
            }

            switch (word.Text)
            {
                case "end":
                    Take();
                    ExpectClose("end");
                    end = "end";
                    return nodes;
                case "else":
                    Take();
                    end = "else";
                    return nodes;
                case "if" or "with" or "range":
                    Take();
                    nodes.Add(ParseControl(word.Text));
                    break;
                case "break" or "continue":
                    Take();
                    ExpectClose(word.Text);
                    nodes.Add(
                        _rangeDepth > 0
                            ? new LoopControlNode(word.Position, word.Text == "break")
                            : throw ParseError($"{{{{{word.Text}}}}} outside {{{{range}}}}")
                    );
                    break;
                case "define" or "template" or "block":
                    throw ParseError($"{{{{{word.Text}}}}} is not supported here");
                default:
                    nodes.Add(ParseAction());
                    break;
            }
        }
    }

    private ActionNode ParseAction() => new(ParsePipeline("command"));

    private Node ParseControl(string keyword)
    {
        EnterNesting();
        var declared = _variables.Count;
        PipelineNode pipeline = ParsePipeline(keyword);
        _rangeDepth += keyword == "range" ? 1 : 0;
        var then = ParseList(out var end);
        _rangeDepth -= keyword == "range" ? 1 : 0;
        IReadOnlyList<Node> otherwise = [];
        if (end == "else")
        {
            SkipSpace();
            if (Current is { Kind: TokenKind.Word, Text: "if" or "with" } chained && keyword != "range")
            {
                // {{else if}} shares the {{end}} of its {{if}}.
                Take();
                otherwise = [ParseControl(chained.Text)];
                end = "end";
            }
            else
            {
                ExpectClose("else");
                otherwise = ParseList(out end);
            }
        }

        if (end != "end")
        {
            throw ParseError(end == "EOF" ? "unexpected EOF" : $"expected end; found {{{{{end}}}}}");
        }

        _variables.RemoveRange(declared, _variables.Count - declared);
        _depth--;
        return keyword switch
        {
            "if" => new IfNode(pipeline, then, otherwise),
            "with" => new WithNode(pipeline, then, otherwise),
            _ => new RangeNode(pipeline, then, otherwise),
        };
    }

    private PipelineNode ParsePipeline(string context)
    {
        SkipSpace();
        var begin = Current.Position;
        var (variables, assigns) = ParseDeclaration(context);
        var commands = new List<CommandNode>();
        while (true)
        {
            SkipSpace();
            var token = Current;
            if (token.Kind == TokenKind.Close || token.IsSymbol(")"))
            {
                if (commands.Count == 0)
                {
                    throw ParseError($"missing value for {context}");
                }

                for (var i = 1; i < commands.Count; i++)
                {
                    if (commands[i].Operands[0] is LiteralNode or DotNode or NilNode)
                    {
                        throw ParseError($"non executable command in pipeline stage {i + 1}");
                    }
                }

                var end = _tokens[_position].Position;
                Take();
                if (!assigns)
                {
                    _variables.AddRange(variables);
                }

                return new PipelineNode(begin, _source[begin..end].TrimEnd(), variables, assigns, commands);
            }

            commands.Add(ParseCommand());
        }
    }

    private (IReadOnlyList<string> Variables, bool Assigns) ParseDeclaration(string context)
    {
        var start = _position;
        var names = new List<string>();
        while (Current.Kind == TokenKind.Variable)
        {
            names.Add(Take().Text);
            SkipSpace();
            if (Current.IsSymbol(":=") || Current.IsSymbol("="))
            {
                var assigns = Take().IsSymbol("=");
                foreach (var name in names)
                {
                    if (assigns && !_variables.Contains(name))
                    {
                        throw ParseError($"undefined variable \"{name}\"");
                    }
                }

                return (names, assigns);
            }

            if (!Current.IsSymbol(",") || context != "range" || names.Count > 1)
            {
                break;
            }

            Take();
            SkipSpace();
        }

        _position = start;
        return ([], false);
    }

    private CommandNode ParseCommand()
    {
        SkipSpace();
        var begin = Current.Position;
        var words = new List<Node>();
        while (true)
        {
            SkipSpace();
            if (ParseOperand() is { } operand)
            {
                words.Add(operand);
            }

            var end = Current.Position;
            if (Current.Kind == TokenKind.Space)
            {
                continue;
            }

            if (Current.Kind != TokenKind.Close && !Current.IsSymbol(")") && !Current.IsSymbol("|"))
            {
                throw UnexpectedToken(Current, "operand");
            }

            if (words.Count == 0)
            {
                throw ParseError("empty command");
            }

            if (Current.IsSymbol("|"))
            {
                Take();
                SkipSpace();
                if (Current.Kind == TokenKind.Close || Current.IsSymbol(")"))
                {
                    throw ParseError("missing value for command");
                }
            }

            return new CommandNode(begin, _source[begin..end].TrimEnd(), words);
        }
    }

    private Node? ParseOperand()
    {
        var token = Current;
        if (ParseTerm() is not { } term)
        {
            return null;
        }

        var names = new List<string>();
        if (token.Kind == TokenKind.Field)
        {
            names.Add(token.Text);
            term = new DotNode(token.Position);
        }

        var position = token.Position;
        while (Current.Kind == TokenKind.Field)
        {
            // Go reports the position of the second field of a chain.
            position = names.Count == (token.Kind == TokenKind.Field ? 1 : 0) ? Current.Position : position;
            names.Add(Take().Text);
        }

        if (names.Count == 0)
        {
            return term;
        }

        return token.Kind is TokenKind.Field or TokenKind.Variable || token.IsSymbol("(")
            ? new FieldsNode(position, _source[token.Position..Current.Position], term, names)
            : throw ParseError($"unexpected . after term \"{token.Source}\"");
    }

    private Node? ParseTerm()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Field:
                Take();
                return new DotNode(token.Position);
            case TokenKind.Dot:
                Take();
                return new DotNode(token.Position);
            case TokenKind.Variable:
                Take();
                return _variables.Contains(token.Text)
                    ? new VariableNode(token.Position, token.Text)
                    : throw ParseError($"undefined variable \"{token.Text}\"");
            case TokenKind.Quoted:
                Take();
                return new LiteralNode(token.Position, token.Source, new SafeText(token.Text));
            case TokenKind.Number:
                Take();
                return new LiteralNode(token.Position, token.Source, ParseNumber(token));
            case TokenKind.Word:
                Take();
                return token.Text switch
                {
                    "true" => new LiteralNode(token.Position, token.Text, true),
                    "false" => new LiteralNode(token.Position, token.Text, false),
                    "nil" => new NilNode(token.Position),
                    _ when Functions.Exists(token.Text) => new FunctionNode(token.Position, token.Text),
                    _ => throw ParseError($"function \"{token.Text}\" not defined"),
                };
            case TokenKind.Symbol when token.Text == "(":
                Take();
                EnterNesting();
                PipelineNode inner = ParsePipeline("parenthesized pipeline");
                _depth--;
                return inner;
            default:
                return null;
        }
    }

    private object ParseNumber(Token token)
    {
        var text = token.Text.Replace("_", "", StringComparison.Ordinal);
        var digits = text.TrimStart('+', '-');
        var sign = text.StartsWith('-') ? -1 : 1;
        if (
            digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && long.TryParse(
                digits.AsSpan(2),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var hex
            )
        )
        {
            return sign * hex;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        if (
            !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
            || !double.IsFinite(real)
        )
        {
            throw ParseError($"bad number syntax: \"{token.Source}\"");
        }

        return real == Math.Floor(real) && Math.Abs(real) < 1e15 ? (long)real : real;
    }

    private void EnterNesting()
    {
        if (++_depth > MaxDepth)
        {
            throw ParseError("max depth exceeded");
        }
    }

    private void ExpectClose(string context)
    {
        SkipSpace();
        if (Current.Kind != TokenKind.Close)
        {
            throw UnexpectedToken(Current, context);
        }

        Take();
    }

    private void SkipSpace()
    {
        while (Current.Kind == TokenKind.Space)
        {
            _position++;
        }
    }

    private Token Take() => _tokens[_position == _tokens.Count - 1 ? _position : _position++];

    private TemplateException UnexpectedToken(Token token, string context) =>
        ParseError(token.Kind == TokenKind.End ? "unexpected EOF" : $"unexpected <{token.Source}> in {context}");

    private TemplateException ParseError(string message) =>
        TemplateException.ParseError(_source, Math.Min(Current.Position, _source.Length), message);
}
