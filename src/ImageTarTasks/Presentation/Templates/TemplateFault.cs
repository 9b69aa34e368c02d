namespace ImageTarTasks.Presentation.Templates;

/// <summary>A template that cannot be read or carried out, in Go's words; whoever runs a template makes a diagnostic of it.</summary>
internal sealed class TemplateFault(string message) : Exception(message)
{
    /// <summary>A fault found while reading: <c>template: :1: unclosed action</c>.</summary>
    public static TemplateFault Reading(string source, int position, string what) =>
        new($"template: :{Line(source, position)}: {what}");

    /// <summary>A fault found while carrying out a part of it: <c>template: :1:2: executing "" at &lt;.Foo&gt;: ...</c>.</summary>
    public static TemplateFault Executing(string source, int position, string part, string what) =>
        new($"template: :{Line(source, position)}:{position - (source.AsSpan(0, position).LastIndexOf('\n') + 1)}: executing \"\" at <{part}>: {what}");

    private static int Line(string source, int position) => 1 + source.AsSpan(0, position).Count('\n');
}
