namespace ImageTarTasks.Presentation.Templates;

/// <summary>
/// A template that cannot be parsed or executed, in Go's words. The caller turns it into a diagnostic.
/// </summary>
internal sealed class TemplateException(string message) : Exception(message)
{
    /// <summary>A fault found while reading: <c>template: :1: unclosed action</c>.</summary>
    public static TemplateException ParseError(string source, int position, string message) =>
        new($"template: :{LineNumber(source, position)}: {message}");

    /// <summary>
    /// A fault found while carrying out a part of it: <c>template: :1:2: executing "" at &lt;.Foo&gt;: ...</c>.
    /// </summary>
    public static TemplateException ExecutionError(string source, int position, string nodeSource, string message) =>
        new(
            $"template: "
                + $":{LineNumber(source, position)}:{position - (source.AsSpan(0, position).LastIndexOf('\n') + 1)}: "
                + $"executing \"\" at <{nodeSource}>: {message}"
        );

    private static int LineNumber(string source, int position) => 1 + source.AsSpan(0, position).Count('\n');
}
