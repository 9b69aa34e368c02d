namespace ImageTarTasks.Presentation.Templates;

/// <summary>A part of a template, and how it was written, for messages.</summary>
/// <param name="Position">Where messages say it is.</param>
/// <param name="Source">How it was written.</param>
internal abstract record Node(int Position, string Source);

/// <summary>Text that is printed.</summary>
internal sealed record TextNode(int Position, string Text) : Node(Position, Text);

/// <summary>A pipeline whose value is printed, unless it declares a variable.</summary>
internal sealed record ActionNode(PipelineNode Pipeline) : Node(Pipeline.Position, Pipeline.Source);

/// <summary><c>if</c>.</summary>
internal sealed record IfNode(PipelineNode Pipeline, IReadOnlyList<Node> Then, IReadOnlyList<Node> Else)
    : Node(Pipeline.Position, Pipeline.Source);

/// <summary><c>with</c>.</summary>
internal sealed record WithNode(PipelineNode Pipeline, IReadOnlyList<Node> Then, IReadOnlyList<Node> Else)
    : Node(Pipeline.Position, Pipeline.Source);

/// <summary><c>range</c>.</summary>
internal sealed record RangeNode(PipelineNode Pipeline, IReadOnlyList<Node> Then, IReadOnlyList<Node> Else)
    : Node(Pipeline.Position, Pipeline.Source);

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed record LoopControlNode(int Position, bool IsBreak) : Node(Position, IsBreak ? "break" : "continue");

/// <summary>Commands that pass their values on, and the variables that receive the last value.</summary>
internal sealed record PipelineNode(
    int Position,
    string Source,
    IReadOnlyList<string> Variables,
    bool IsAssignment,
    IReadOnlyList<CommandNode> Commands
) : Node(Position, Source);

/// <summary>A function or a value, and arguments.</summary>
internal sealed record CommandNode(int Position, string Source, IReadOnlyList<Node> Operands) : Node(Position, Source);

/// <summary><c>.</c>.</summary>
internal sealed record DotNode(int Position) : Node(Position, ".");

/// <summary><c>nil</c>.</summary>
internal sealed record NilNode(int Position) : Node(Position, "nil");

/// <summary>A literal.</summary>
internal sealed record LiteralNode(int Position, string Source, object Value) : Node(Position, Source);

/// <summary>The name of a function.</summary>
internal sealed record FunctionNode(int Position, string Name) : Node(Position, Name);

/// <summary>Fields of a value: of the dot, a variable, or a pipeline in parentheses.</summary>
internal sealed record FieldsNode(int Position, string Source, Node Receiver, IReadOnlyList<string> Names)
    : Node(Position, Source);

/// <summary>A variable with its <c>$</c>.</summary>
internal sealed record VariableNode(int Position, string Name) : Node(Position, Name);
